import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { routes } from '#app/_doors/api/routes.ts';
import type { Read, UseCase } from '#core/access/use-case.ts';

const own = 'It is of the own account, which a person has and a program has not.';
const browser = 'It lets a person in, in a browser. A program gets a token at /oauth/token.';
const person = 'It is decided by a person who has a second factor, in a browser.';
const restored =
  'After a restore it is decided on the server or in the console, by a person who has read what was found.';

/** What the console calls and the API does not, and why. */
const consoleOnly: Record<string, string> = {
  'begin-second-factor': own,
  'change-password': own,
  'confirm-second-factor': own,
  'list-sessions': own,
  'read-account': own,
  'remove-second-factor': own,
  'revoke-other-sessions': own,
  'step-up': own,
  'choose-password': browser,
  'sign-in': browser,
  'sign-in-with-identity': browser,
  'sign-out': browser,
  'require-second-factor': person,
  'waive-second-factor': person,
  'resume-restored': restored,
};

/** What the console asks in a form of its own, and the operations of the API that answer the same. */
const askedOtherwise: Record<string, readonly string[]> = {
  'count-newer-events': ['listAuditEvents'],
  'find-by-name': ['listCredentials', 'listIssuers', 'listTargets', 'listPolicies'],
  'list-choices': ['listCredentials', 'listIssuers', 'listEnvironments'],
  'list-running': ['listRotations', 'readOverview'],
  'match-credentials': ['planBatch'],
};

/** What neither of them calls, and who does. */
const inner: Record<string, string> = {
  'check-client-secret': 'The token endpoint asks it.',
  'identify-api-client': 'The door itself asks it, to know who calls.',
  'note-token-refusal': 'The token endpoint notes it.',
  'take-client-assertion': 'The token endpoint asks it.',
  'compare-restored': 'The server compares, on its command line.',
  'mark-restored': 'It is said on the command line of the server.',
  'read-metrics': 'A monitoring system asks /metrics for it, with a token of its own.',
};

type Declared = UseCase | Read;

const isDeclared = (one: unknown): one is Declared =>
  typeof one === 'function' && 'effect' in one && 'may' in one;

const declaredIn = async (file: string): Promise<Declared[]> =>
  Object.values((await import(path.resolve(file))) as object).filter(isDeclared);

const filesOf = (folder: string, form: RegExp) =>
  fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => form.test(file))
    .map((file) => path.join(folder, file));

const useCases = await Promise.all(filesOf('core', /^[a-z]+(\/[a-z-]+)+\.ts$/).map(declaredIn));
const registry = useCases.flat().map(({ name }) => name);

/** The doors of programs: the API, its tokens, and what a monitoring system asks. All other files of `app/` are the console. */
const programs =
  /^app\/(api\/v1|metrics|_doors\/(api|api-actor\.ts|oauth\.ts|metrics-text\.ts|token-key\.ts))(\/|$)/;

/** The files of core that a file calls into; imports of types call nothing. */
const importsOf = (file: string) =>
  [...fs.readFileSync(file, 'utf8').matchAll(/^import (?!type )[^;]*? from '#(core\/[^']+)';/gms)].map(
    ([, found = '']) => found,
  );

const consoleFiles = filesOf('app', /\.tsx?$/).filter((file) => !programs.test(file));
const called = await Promise.all([...new Set(consoleFiles.flatMap(importsOf))].map(declaredIn));
const consoleCalls = called.flat().map(({ name }) => name);

const reached = routes.map(({ rule }) => rule.name);
const operations = routes.map(({ operationId }) => operationId);

test('what the console does, the API does: each use case and read that a page calls has a route, or a reason why not', () => {
  expect(consoleFiles.length).toBeGreaterThan(200);
  expect(consoleCalls).toEqual(expect.arrayContaining(['request-rotation', 'sign-in', 'choose-password']));
  const missing = consoleCalls.filter(
    (name) => !reached.includes(name) && !(name in consoleOnly) && !(name in askedOtherwise),
  );
  expect(missing).toEqual([]);
});

test('what is listed as of the console alone is called there, and by no route', () => {
  for (const name of [...Object.keys(consoleOnly), ...Object.keys(askedOtherwise)]) {
    expect(consoleCalls).toContain(name);
    expect(reached).not.toContain(name);
  }
  expect(operations).toEqual(expect.arrayContaining(Object.values(askedOtherwise).flat()));
});

test('every other use case and read of core has a route, too, or says who calls it', () => {
  expect(registry.length).toBeGreaterThan(100);
  const listed = { ...consoleOnly, ...askedOtherwise, ...inner };
  expect(registry.filter((name) => !reached.includes(name) && !(name in listed))).toEqual([]);
  for (const name of Object.keys(inner)) {
    expect(registry).toContain(name);
    expect([...reached, ...consoleCalls]).not.toContain(name);
  }
});

/** Fields of core's that the API has under another name: durations in ISO 8601, pages by cursor, ids by what they are of. */
const otherNames: Record<string, string> = {
  after: 'cursor',
  before: 'cursor',
  end: 'duration',
  from: 'If-Match',
  graceAfterUseSeconds: 'graceAfterUse',
  graceSeconds: 'gracePeriod',
  maxAgeSeconds: 'maxAge',
  minSpacingSeconds: 'minSpacing',
  overlap: 'gracePeriod',
  renewBeforeSeconds: 'renewBefore',
  retrySeconds: 'retryFor',
  rules: 'window',
  waitSeconds: 'wait',
  version: 'If-Match',
};

const header = 'A header of the request says it: If-None-Match, and the connection itself.';

/** What a use case takes and no request can say, and why. */
const notSent: Record<string, Record<string, string>> = {
  'break-glass': { name: 'An admin who is alone types it; a program always has a person to confirm.' },
  'fetch-secret': { has: header, signal: header },
  'list-rotations': { ids: 'The list of running ones in the console asks again for those that it shows.' },
  'read-audit-event': { id: 'It is `eventId` in the path.' },
  'remove-view': { id: 'It is `viewId` in the path.' },
  'rename-view': { id: 'It is `viewId` in the path.' },
  'verify-audit': { witnessed: 'A file of checkpoints is compared on the command line.' },
};

function fieldsOf(schema: z.ZodType | undefined): string[] {
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(fieldsOf);
  if (schema instanceof z.ZodPipe) return fieldsOf(schema.in as z.ZodType);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** What requests to all routes of a use case can say. */
const sentTo = (name: string) =>
  routes
    .filter(({ rule }) => rule.name === name)
    .flatMap((route) => [
      ...[...route.path.matchAll(/\{(\w+)\}/g)].map(([, found = '']) => found),
      ...fieldsOf(route.query),
      ...fieldsOf(route.body),
      ...(route.protects === undefined ? [] : ['If-Match']),
    ]);

test.each(
  useCases
    .flat()
    .filter(({ name }) => reached.includes(name))
    .map((declared) => [declared.name, declared] as const),
)('%s can be told over the API all that it takes', (name, { input }) => {
  const sent = sentTo(name);
  const excused = Object.keys(notSent[name] ?? {});
  const missing = fieldsOf(input).filter(
    (field) => !sent.includes(otherNames[field] ?? field) && !sent.includes(field),
  );
  expect([...new Set(missing)].sort()).toEqual(excused.sort());
});
