import './workers.js';

import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './explorer.css';

import { GraphiQL } from 'graphiql';
import { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';

import { createFetcher } from './fetcher.js';

const WORDS = {
  en: { name: 'Bawaba', signIn: 'Sign in as', nobody: 'Nobody (anonymous)', language: 'Language' },
  ar: { name: 'بوابة', signIn: 'الدخول باسم', nobody: 'بدون تسجيل دخول', language: 'اللغة' },
};
const LANGUAGES = [
  { code: 'en', label: 'EN', title: 'English' },
  { code: 'ar', label: 'AR', title: 'العربية' },
];

function readConfig() {
  const given = JSON.parse(document.getElementById('config')?.textContent || '{}');
  return {
    endpoint: given.endpoint || '/graphql',
    people: given.people ?? [],
    defaultQuery: given.defaultQuery || undefined,
  };
}

/** State kept for this browser tab only. Storage may be refused; then it is just state. */
function useSessionState(name, initial, isValid) {
  const key = `bawaba.explorer.${name}`;
  const [value, setValue] = useState(() => {
    try {
      const stored = sessionStorage.getItem(key);
      return stored !== null && isValid(stored) ? stored : initial;
    } catch {
      return initial;
    }
  });
  useEffect(() => {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // not stored
    }
  }, [key, value]);
  return [value, setValue];
}

function Bar({ people, handle, onHandle, language, onLanguage }) {
  const words = WORDS[language];
  return (
    <header className="bar" lang={language} dir={language === 'ar' ? 'rtl' : 'ltr'}>
      <img className="bar-icon" src="/explorer/static/icon.svg" alt="" width="24" height="24" />
      <strong className="bar-name">{words.name}</strong>
      <span className="bar-space" />
      {people.length > 0 && (
        <label className="bar-field">
          <span>{words.signIn}</span>
          <select id="person" value={handle} onChange={event => onHandle(event.target.value)}>
            <option value="">{words.nobody}</option>
            {people.map(person => (
              <option key={person.handle} value={person.handle} dir="auto">
                {person.name || person.handle}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className="bar-field bar-languages" role="group" aria-label={words.language} dir="ltr">
        {LANGUAGES.map(({ code, label, title }) => (
          <button
            key={code}
            id={`language-${code}`}
            type="button"
            title={title}
            aria-pressed={language === code}
            onClick={() => onLanguage(code)}
          >
            {label}
          </button>
        ))}
      </div>
    </header>
  );
}

function Explorer({ endpoint, people, defaultQuery }) {
  const [handle, setHandle] = useSessionState('person', '', stored =>
    people.some(person => person.handle === stored),
  );
  const [language, setLanguage] = useSessionState(
    'language',
    navigator.language?.toLowerCase().startsWith('ar') ? 'ar' : 'en',
    stored => stored in WORDS,
  );
  const token = people.find(person => person.handle === handle)?.token ?? '';

  // A new fetcher makes GraphiQL read the schema again, as that person, in that language.
  const fetcher = useMemo(
    () => createFetcher({ endpoint, token, language }),
    [endpoint, token, language],
  );

  return (
    <>
      <Bar
        people={people}
        handle={handle}
        onHandle={setHandle}
        language={language}
        onLanguage={setLanguage}
      />
      <GraphiQL
        fetcher={fetcher}
        defaultQuery={defaultQuery}
        inputValueDeprecation
        schemaDescription
      />
    </>
  );
}

createRoot(document.getElementById('explorer')).render(<Explorer {...readConfig()} />);
