import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';

const ACCEPT = 'application/graphql-response+json, application/json';

/** The first language of an Accept-Language value: "ar-AE,ar;q=0.9" gives "ar-AE". */
function primaryLanguage(value) {
  return value.split(',')[0].split(';')[0].trim();
}

/** What the bar says, overridden by the headers editor. Names are compared without case. */
export function effectiveHeaders({ token, language }, edited) {
  const headers = new Headers({ accept: ACCEPT, 'accept-language': language });
  if (token) headers.set('authorization', `Bearer ${token}`);
  for (const [name, value] of Object.entries(edited ?? {})) {
    // An empty or null value takes a header away, e.g. to try a call anonymously.
    if (value === null || value === '') headers.delete(name);
    else headers.set(name, String(value));
  }
  return headers;
}

export function connectionParams(headers) {
  const params = {};
  const authorization = headers.get('authorization');
  const language = headers.get('accept-language');
  if (authorization) params.authorization = authorization;
  if (language) params.language = primaryLanguage(language);
  return params;
}

function isSubscription({ query, operationName }, documentAST) {
  try {
    const operation = getOperationAST(documentAST ?? parse(query), operationName ?? undefined);
    return operation?.operation === 'subscription';
  } catch {
    return false; // not valid GraphQL: let the server say so
  }
}

/** An error shown in the response pane as its message alone. */
function plainError(message) {
  const error = new Error(message);
  delete error.stack;
  return error;
}

function socketError(cause) {
  if (cause instanceof Error) return plainError(cause.message);
  if (typeof cause?.code === 'number') {
    return plainError(`WebSocket closed: ${cause.code} ${cause.reason ?? ''}`.trim());
  }
  return plainError('WebSocket connection failed');
}

async function post(url, body, headers) {
  headers.set('content-type', 'application/json');
  let response;
  try {
    response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  } catch (cause) {
    throw plainError(`Request failed: ${cause.message}`);
  }
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw plainError(`HTTP ${response.status} ${response.statusText}: ${text.slice(0, 500)}`);
  }
}


/** One socket per subscription, so each runs as the person chosen when it started. */
function subscribe(url, body, headers) {
  return {
    subscribe(observer) {
      const client = createClient({
        url,
        connectionParams: connectionParams(headers),
        retryAttempts: 0,
      });
      const stop = client.subscribe(body, {
        next: value => observer.next(value),
        error: cause => {
          if (Array.isArray(cause)) {
            observer.next({ errors: cause });
            observer.complete();
          } else {
            observer.error(socketError(cause));
          }
        },
        complete: () => observer.complete(),
      });
      return {
        unsubscribe() {
          stop();
          client.dispose();
        },
      };
    },
  };
}

export function createFetcher({ endpoint, token, language }) {
  const httpUrl = new URL(endpoint, window.location.href);
  const wsUrl = new URL(httpUrl);
  wsUrl.protocol = httpUrl.protocol === 'https:' ? 'wss:' : 'ws:';

  return async function fetcher({ query, variables, operationName }, options = {}) {
    const headers = effectiveHeaders({ token, language }, options.headers);
    const body = { query, variables, operationName: operationName ?? undefined };
    return isSubscription(body, options.documentAST)
      ? subscribe(wsUrl.href, body, headers)
      : post(httpUrl.href, body, headers);
  };
}
