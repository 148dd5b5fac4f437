// Bundles the explorer and its workers into the folder given as the first argument,
// with a VERSION and a LICENSES.txt made from what really went into the bundles.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const out = process.argv[2];
if (!out) throw new Error('usage: node build.mjs OUTPUT_FOLDER');
mkdirSync(out, { recursive: true });

const { metafile } = await build({
  entryPoints: {
    graphiql: 'explorer.jsx',
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
  },
  outdir: out,
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: ['es2022'],
  charset: 'utf8',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
  legalComments: 'none', // all notices are in LICENSES.txt
  metafile: true,
  logLevel: 'warning',
});
copyFileSync('icon.svg', join(out, 'icon.svg'));

// The packages that contributed at least one byte to some output.
const folders = new Set();
for (const output of Object.values(metafile.outputs)) {
  for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
    const match = bytesInOutput > 0 && input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
    if (match) folders.add(match[1]);
  }
}
const packages = [...folders]
  .map(folder => ({ folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
  .sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1));

writeFileSync(
  join(out, 'VERSION'),
  packages.map(({ name, version }) => `${name} ${version}\n`).join(''),
);

const NOTICE = /^(licen[cs]e|copying|notice|third.?party.?notices)/i;
const MIT = holder => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;

function notices({ folder, name, license, author }) {
  const files = readdirSync(folder).filter(file => NOTICE.test(file)).sort();
  if (files.length) return files.map(file => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  if (license !== 'MIT') throw new Error(`${name}: no licence text and licence is ${license}`);
  return MIT((author?.name ?? author ?? `the ${name} authors`).replace(/\s*[<(].*$/, ''));
}

const rule = '='.repeat(78);
const text = packages
  .map(p => `${rule}\n${p.name} ${p.version} (${p.license})\n${rule}\n\n${notices(p)}\n`)
  .join('\n')
  .replace(/\r/g, '')
  .replace(/[ \t]+$/gm, '');
writeFileSync(
  join(out, 'LICENSES.txt'),
  `The files in this folder contain code from the packages below, under these licences.
codicon.ttf is the Visual Studio Code icon font, part of monaco-editor; copyright (c) Microsoft
Corporation, Creative Commons Attribution 4.0 International
(https://creativecommons.org/licenses/by/4.0/legalcode).\n\n${text}`,
);
