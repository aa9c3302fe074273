import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { issuerConnectors, notifierConnectors, targetConnectors } from '#connectors/registry.ts';
import { parseMapping } from '#core/credentials/mapping.ts';
import { strategies } from '#core/rotation/strategies.ts';
import { envSchema } from '#lib/env.ts';
import { connectorsPage } from '#scripts/connectors-page.ts';

/* What the documents say, held against the code. */

test('docs/connectors.md says what the connectors declare (npm run docs:connectors writes it)', () => {
  expect(read('docs/connectors.md')).toBe(connectorsPage());
});

test.each([
  ['issuers', issuerConnectors],
  ['targets', targetConnectors],
  ['notifiers', notifierConnectors],
])('the README names every one of the %s', (_what, connectors) => {
  const readme = read('README.md');
  const names = [...connectors.values()].map(({ title }) => title.replace(/(:| \().*$/, ''));
  expect(names.filter((name) => !readme.includes(name))).toEqual([]);
});

const read = (file: string) => fs.readFileSync(file, 'utf8');

function filesUnder(folder: string, ending: RegExp): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => path.join(folder, file))
    .filter((file) => ending.test(file));
}

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...filesUnder('docs', /\.md$/),
  ...filesUnder('clients', /\.md$/),
];

/** The cells of the rows whose first cell matches. */
function rowsOf(text: string, first: RegExp): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map((cells) => cells.slice(1, -1))
    .filter(([cell = '']) => first.test(cell));
}

function problemsOfConfiguration(text: string): string[] {
  const rows = rowsOf(text, /^`[A-Z_]+`$/);
  const written = rows.map(([name = '']) => name.replaceAll('`', ''));
  const known = Object.entries(envSchema.shape);
  const problems = [
    ...known.filter(([name]) => !written.includes(name)).map(([name]) => `${name} is not described`),
    ...written.filter((name) => !(name in envSchema.shape)).map((name) => `${name} does not exist`),
  ];
  for (const [name, schema] of known) {
    const described = rows[written.indexOf(name)];
    const required = !schema.safeParse(undefined).success;
    if (described !== undefined && (described[2] === 'required') !== required)
      problems.push(`${name} is ${required ? '' : 'not '}required`);
    if (described?.some((cell) => cell === '')) problems.push(`${name} has an empty cell`);
  }
  return problems;
}

test('docs/configuration.md describes every variable of lib/env.ts, and no other', () => {
  expect(problemsOfConfiguration(read('docs/configuration.md'))).toEqual([]);
});

test.each([
  ['| `PORT` |', '| `PORTS` |', ['PORT is not described', 'PORTS does not exist']],
  ['| `3000` |', '| required |', ['PORT is not required']],
])('a fault of docs/configuration.md is seen: %j as %j', (text, fault, said) => {
  expect(problemsOfConfiguration(read('docs/configuration.md').replace(text, fault))).toEqual(said);
});

test.each(Object.entries(envSchema.shape).filter(([, schema]) => schema.safeParse(undefined).success))(
  'the default of %s is the one that is written down',
  (name, schema) => {
    const value = schema.parse(undefined);
    const [, , written = ''] = rowsOf(read('docs/configuration.md'), new RegExp(`^\`${name}\`$`))[0] ?? [];
    const isWritten = typeof value === 'number' || (typeof value === 'string' && name !== 'REKEY_DATA_DIR');
    if (isWritten) expect(written).toBe(`\`${value}\``);
    else expect(written).not.toBe('');
  },
);

test('the strategies in README.md are those of the code, phase by phase', () => {
  const rows = rowsOf(read('README.md'), /^(overlap|cut-over|assisted|prestage|graced)$/);
  const written = Object.fromEntries(rows.map(([name = '', , phases = '']) => [name, phases.split(', ')]));
  expect(written).toEqual(strategies);
});

test('every test that README.md names exists under this name', () => {
  const tests = filesUnder('tests', /\.(test|spec)\.ts$/)
    .map(read)
    .join('\n');
  const [, proven = ''] = read('README.md').split('## What is proven');
  const named = [...proven.matchAll(/^- `(.+)`$/gm)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((name) => !tests.includes(`test('${name}'`))).toEqual([]);
});

/** Links of a document that lead to a file of ours which is not there. */
function deadLinks(file: string, text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^(https?:|#)/.test(link))
    .filter((link) => !fs.existsSync(path.join(path.dirname(file), link.replace(/#.*/, ''))))
    .map((link) => `${file} -> ${link}`);
}

test('every link between documents leads to a file', () => {
  expect(documents.flatMap((file) => deadLinks(file, read(file)))).toEqual([]);
  expect(deadLinks('docs/glossary.md', '[x](../README.md) [y](nowhere.md)')).toEqual([
    'docs/glossary.md -> nowhere.md',
  ]);
});

test('the mappings in docs/moving-in.md are understood as they are written', () => {
  const fenced = /```(?:map|json)\n([\s\S]*?)```/g;
  const written = [...read('docs/moving-in.md').matchAll(fenced)].flatMap(([, text = '']) =>
    parseMapping(text, 'docs/moving-in.md'),
  );
  expect(written.map(({ name, fields }) => [name, fields])).toEqual([
    ['map-tiles', { '': 'TILES_SECRET', clientId: 'TILES_ID' }],
    ['photo-export', { '': 'PHOTOS_SECRET' }],
    ['photo-export', { clientSecret: 'apps.photos.secret' }],
    ['session-key', {}],
  ]);
  const kept = written.filter(({ make }) => make !== true);
  expect(new Set(kept.map(({ issuer }) => issuer))).toEqual(new Set(['SurfaceScout (sample)']));
});

test('every npm script that a document or .ci/run names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const own = [...documents, '.ci/run'].flatMap((file) =>
    [...read(file).matchAll(/npm (?:run ([a-z][a-z0-9:]*)|(start|test)\b)/g)].map(
      (found) => found[1] ?? found[2] ?? '',
    ),
  );
  expect(own).toEqual(expect.arrayContaining(['start', 'test', 'build', 'screens']));
  expect(own.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test('decisions are numbered without a gap, and each says its context, the decision and what follows', () => {
  const names = fs.readdirSync('docs/decisions').sort();
  names.forEach((name, index) => {
    const number = String(index + 1).padStart(4, '0');
    const text = read(path.join('docs/decisions', name));
    expect(name).toMatch(new RegExp(`^${number}-[a-z0-9-]+\\.md$`));
    expect(text).toMatch(new RegExp(`^# ${number}: `));
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      'Context',
      'Decision',
      'Consequences',
    ]);
  });
  expect(names.length).toBeGreaterThanOrEqual(9);
});

test('every defence in docs/threat-model.md names tests that exist', () => {
  const rows = rowsOf(read('docs/threat-model.md'), /./).filter((cells) => cells.length === 3);
  const defences = rows.filter(([, , shown]) => shown !== 'Shown by');
  expect(defences.length).toBeGreaterThan(25);
  for (const [threat = '', , shown = ''] of defences) {
    const named = [...shown.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
    expect(named.length, threat).toBeGreaterThan(0);
    for (const file of named) expect(fs.existsSync(file), file).toBe(true);
  }
});
