import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/* The floors of the house: who may import whom. Import from floors below, never from above, never across. */

const floors = ['app', 'workers', 'cli', 'core', 'connectors', 'lib', 'demo', 'scripts', 'clients', 'bench'];
const rooms = [
  'rotation',
  'credentials',
  'issuers',
  'targets',
  'policies',
  'users',
  'clients',
  'evidence',
  'notifiers',
  'webhooks',
  'backup',
];
const shelves = ['audit', 'vault', 'access', 'schedule', 'outside', 'notify'];
const entryPoints = ['app/main.ts', 'workers/main.ts', 'cli/main.ts'];
const contract = 'connectors/contract.ts';

/** File contents by path. */
type Sources = ReadonlyMap<string, string>;

interface Import {
  /** A path of ours such as `core/access/actor.ts`; null for a package. */
  to: string | null;
  /** What is left of the import when it runs; none when it asks for types only. */
  values: readonly string[];
}

function resolve(from: string, specifier: string): string | null {
  if (specifier.startsWith('#')) return path.posix.normalize(specifier.slice(1));
  return specifier.startsWith('.') ? path.posix.join(path.posix.dirname(from), specifier) : null;
}

/** What a clause such as `{ type A, B as C }` imports beside types; `*` for everything. */
function valuesOf(clause: string): string[] {
  if (/^type\b/.test(clause)) return [];
  const list = /^\{([^}]*)\}$/.exec(clause)?.[1];
  if (list === undefined) return ['*'];
  const names = list.split(',').map((name) => name.trim());
  return names
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.replace(/ .*/, ''));
}

const withoutComments = (source: string) =>
  source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');

const declared = /^\s*(?:import|export)\s+((?:type\s+)?[\w$*{][^;'"`=]*?)\s*from\s*['"]([^'"]+)['"]/gm;
const bare = /\bimport\s*['"]([^'"]+)['"]/g;
const called = /(typeof\s+)?\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/g;

function importsOf(file: string, source: string): Import[] {
  const code = withoutComments(source);
  return [
    ...[...code.matchAll(declared)].map(([, clause = '', to = '']) => ({ to, values: valuesOf(clause) })),
    ...[...code.matchAll(bare)].map(([, to = '']) => ({ to, values: ['*'] })),
    ...[...code.matchAll(called)].map(([, types, to = '']) => ({ to, values: types ? [] : ['*'] })),
  ].map(({ to, values }) => ({ to: resolve(file, to), values }));
}

const under = (to: string, ...folders: string[]) => folders.some((folder) => to.startsWith(`${folder}/`));
const hasDirective = (source: string | undefined, directive: string) =>
  new RegExp(`^\\s*['"]${directive}['"]`).test(withoutComments(source ?? ''));

/** Components and their words are sent to browsers, so they may know of core and lib by type only. */
function browserMay({ to, values }: Import & { to: string }, sources: Sources): boolean {
  if (values.length === 0) return under(to, 'app', 'core', 'lib');
  const source = sources.get(to);
  const isAction = hasDirective(source, 'use server');
  return (
    under(to, 'app/_components', 'app/_words') ||
    (under(to, 'app') && (isAction || hasDirective(source, 'use client')))
  );
}

function coreMay(folder: string, { to, values }: Import & { to: string }): boolean {
  const isRoom = rooms.includes(folder);
  if (!isRoom && !shelves.includes(folder)) return false;
  if (under(to, 'lib', `core/${folder}`)) return true;
  if (under(to, 'connectors')) {
    // A room must be able to tell the contract's one error from others; it calls nothing through it.
    const shape = values.every((name) => isRoom && name === 'ConnectorError');
    const declarations = isRoom && to === 'connectors/registry.ts';
    return folder === 'outside' || (to === contract && shape) || declarations;
  }
  const below = isRoom ? shelves : shelves.slice(0, shelves.indexOf(folder));
  return below.some((shelf) => under(to, `core/${shelf}`));
}

function connectorMay(file: string, to: string): boolean {
  const ownsTables = /^connectors\/(targets\/pull|issuers\/builtin)\b/.test(file);
  if (to === 'lib/db.ts') return ownsTables;
  return to !== 'lib/env.ts' && under(to, 'connectors', 'lib');
}

function may(file: string, found: Import & { to: string }, sources: Sources): boolean {
  const { to } = found;
  const [floor = '', folder = ''] = file.split('/');
  const isForBrowsers =
    under(file, 'app/_components', 'app/_words') || hasDirective(sources.get(file), 'use client');
  switch (floor) {
    case 'app':
      return isForBrowsers ? browserMay(found, sources) : under(to, 'app', 'core', 'lib');
    case 'workers':
    case 'cli':
      return under(to, floor, 'core', 'lib');
    case 'core':
      return coreMay(folder, found);
    case 'connectors':
      return connectorMay(file, to);
    case 'lib':
      // The version of the product stands in its package and nowhere else.
      return to === 'package.json' || under(to, 'lib', 'prisma/generated');
    case 'demo':
      return entryPoints.includes(to) || under(to, 'core', 'lib', 'demo', 'scripts', 'clients');
    case 'bench':
      return entryPoints.includes(to) || under(to, 'core', 'lib', 'demo', 'scripts', 'bench');
    case 'scripts':
      // The page about connectors is written from their declarations.
      if (file === 'scripts/connectors-page.ts' && to === 'connectors/registry.ts') return true;
      return entryPoints.includes(to) || under(to, 'core', 'lib', 'demo', 'scripts');
    default:
      return floor === 'clients' && under(to, `clients/${folder}`);
  }
}

/** Every import that the house does not allow, as `file -> imported file`. */
function trespasses(sources: Sources): string[] {
  return [...sources].flatMap(([file, source]) =>
    importsOf(file, source)
      .filter((found): found is Import & { to: string } => found.to !== null)
      .filter((found) => !may(file, found, sources))
      .map((found) => `${file} -> ${found.to}`),
  );
}

function readHouse(): Sources {
  const files = floors
    .filter((floor) => fs.existsSync(floor))
    .flatMap((floor) =>
      fs
        .readdirSync(floor, { recursive: true, encoding: 'utf8' })
        .map((file) => path.posix.join(floor, file)),
    )
    .filter((file) => /\.(ts|tsx|mts|mjs|js|jsx)$/.test(file) && !file.includes('node_modules/'));
  return new Map(files.map((file) => [file, fs.readFileSync(file, 'utf8')]));
}

const house = readHouse();

test('nothing imports from a floor above or across', () => {
  expect(trespasses(house)).toEqual([]);
});

test('the whole house is scanned, and its imports are seen', () => {
  for (const floor of floors.filter((name) => name !== 'clients')) {
    expect([...house.keys()].filter((file) => under(file, floor)).length, floor).toBeGreaterThan(0);
  }
  expect(house.size).toBeGreaterThan(70);
  const found = [...house].flatMap(([file, source]) => importsOf(file, source));
  expect(found.length).toBeGreaterThan(house.size);
  for (const { to } of found) {
    if (to !== null && !under(to, 'prisma/generated')) expect(fs.existsSync(to), to).toBe(true);
  }
});

test('every folder of core is a room or a shelf', () => {
  const folders = [...house.keys()].filter((file) => under(file, 'core')).map((file) => file.split('/')[1]);
  expect([...rooms, ...shelves]).toEqual(expect.arrayContaining([...new Set(folders)]));
});

const world: Record<string, string> = {
  'app/_components/button.tsx': '',
  'app/rotate/dialog.tsx': `'use client';`,
  'app/rotate/actions.ts': `'use server';`,
  'app/rotate/load.ts': '',
};

const trespassesOf = (file: string, source: string) =>
  trespasses(new Map(Object.entries({ ...world, [file]: source }))).filter((line) => line.startsWith(file));

test.each([
  ['lib/a.ts', `import { x } from '#core/access/actor.ts';`],
  ['lib/a.ts', `import type { X } from '#connectors/contract.ts';`],
  ['lib/a.ts', `export * from '../core/audit/record.ts';`],
  ['lib/a.ts', `const x = await import('#app/main.ts');`],
  ['lib/a.ts', `import\n  {\n  a,\n  b,\n} from "#core/vault/seal.ts";`],
  ['lib/a.ts', `import '#core/vault/seal.ts';`],
  ['core/audit/a.ts', `import { x } from '#core/vault/seal.ts';`],
  ['core/access/a.ts', `import type { X } from '#core/users/sign-in.ts';`],
  ['core/schedule/a.ts', `import { x } from '#core/outside/call.ts';`],
  ['core/rotation/a.ts', `import { x } from '#core/credentials/read.ts';`],
  ['core/rotation/a.ts', `import type { X } from '../credentials/read.ts';`],
  ['core/rotation/a.ts', `import { secretText } from '#connectors/contract.ts';`],
  ['core/rotation/a.ts', `import { type X, ConnectorError, secretText } from '#connectors/contract.ts';`],
  ['core/rotation/a.ts', `import * as contract from '#connectors/contract.ts';`],
  ['core/access/a.ts', `import { ConnectorError } from '#connectors/contract.ts';`],
  ['core/rotation/a.ts', `import assisted, { type X } from '#connectors/issuers/assisted.ts';`],
  ['core/rotation/a.ts', `import { x } from '#connectors/issuers/assisted.ts';`],
  ['core/vault/a.ts', `import { x } from '#connectors/registry.ts';`],
  ['core/users/a.ts', `import { x } from '#app/_doors/answer.ts';`],
  ['core/users/a.ts', `import { x } from '#prisma/generated/client.ts';`],
  ['core/attic/a.ts', `import { x } from '#lib/env.ts';`],
  ['core/a.ts', `import { x } from '#lib/env.ts';`],
  ['connectors/issuers/a.ts', `import { db } from '#lib/db.ts';`],
  ['connectors/issuers/a.ts', `import { env } from '#lib/env.ts';`],
  ['connectors/issuers/a.ts', `import { seal } from '#core/vault/seal.ts';`],
  ['workers/a.ts', `import { x } from '#connectors/registry.ts';`],
  ['workers/a.ts', `import { x } from '#app/_doors/answer.ts';`],
  ['cli/a.ts', `import { x } from '#scripts/migrations.ts';`],
  ['app/page.tsx', `import { x } from '#connectors/registry.ts';`],
  ['app/page.tsx', `import { x } from '#prisma/generated/client.ts';`],
  ['app/form.tsx', `'use client';\nimport { x } from '#core/access/actor.ts';`],
  ['app/form.tsx', `"use client";\nimport { log } from '#lib/log.ts';`],
  ['app/form.tsx', `// what it is\n'use client';\nimport { db } from '#lib/db.ts';`],
  ['app/form.tsx', `'use client';\nimport { load } from '#app/rotate/load.ts';`],
  ['app/_components/a.tsx', `import { db } from '#lib/db.ts';`],
  ['app/_words/a.ts', `import { db } from '#lib/db.ts';`],
  ['demo/a.ts', `import type { X } from '#connectors/contract.ts';`],
  ['demo/a.ts', `import { x } from '#app/_doors/answer.ts';`],
  ['scripts/a.ts', `import { x } from '#connectors/registry.ts';`],
  ['bench/a.ts', `import { x } from '#connectors/registry.ts';`],
  ['lib/a.ts', `import { x } from '#bench/runner.ts';`],
  ['clients/node/a.ts', `import { Plaintext } from '#lib/plaintext.ts';`],
  ['clients/node/a.ts', `import { x } from '../../lib/http.ts';`],
])('a trespass is seen: %s with %s', (file, source) => {
  expect(trespassesOf(file, source)).toHaveLength(1);
});

test.each([
  ['lib/a.ts', `import { PrismaClient } from '#prisma/generated/client.ts'; import pg from 'pg';`],
  ['lib/a.ts', `import { version } from '#package.json';`],
  ['core/notify/a.ts', `import { x } from '#core/outside/call.ts';`],
  ['core/outside/a.ts', `import { ConnectorError } from '#connectors/contract.ts';`],
  ['core/rotation/a.ts', `import type { Fields } from '#connectors/contract.ts';`],
  ['core/rotation/a.ts', `import { type X, ConnectorError } from '#connectors/contract.ts';`],
  ['core/rotation/a.ts', `import { type A, type B } from '#connectors/contract.ts';`],
  ['core/issuers/a.ts', `import { registry } from '#connectors/registry.ts';`],
  ['core/rotation/a.ts', `// import { x } from '#core/users/sign-in.ts';`],
  ['core/rotation/perform/a.ts', `import { decide } from '../decide.ts';`],
  ['connectors/targets/pull.ts', `import { db } from '#lib/db.ts';`],
  ['app/_components/a.tsx', `import { x } from '#app/_words/b.ts';`],
  ['app/form.tsx', `'use client';\nimport { act } from '#app/rotate/actions.ts';`],
  ['app/form.tsx', `'use client';\nimport { Dialog } from '#app/rotate/dialog.tsx';`],
  ['app/form.tsx', `'use client';\nimport type { Plan } from '#core/rotation/decide.ts';`],
  ['demo/a.ts', `import '#workers/main.ts'; import { x } from '#scripts/launcher/lock.ts';`],
  ['bench/a.ts', `import '#workers/main.ts'; import { x } from '#core/rotation/request-rotation.ts';`],
  ['clients/node/a.ts', `import { x } from './b.ts'; import fs from 'node:fs';`],
])('what is allowed is let through: %s with %s', (file, source) => {
  expect(trespassesOf(file, source)).toEqual([]);
});
