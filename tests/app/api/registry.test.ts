import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { routes } from '#app/_doors/api/routes.ts';

const own = 'It is of the own account, which a person has and a program has not.';
const page = 'It draws a page of the console; the resources behind it have routes of their own.';
const person = 'It is decided by a person who has a second factor, in a browser.';
const restored =
  'After a restore it is decided on the server or in the console, by a person who has read what was found.';
const view = 'A saved view is a question with a name, for people; a program sends the question itself.';

/** What the API does not reach, and why. */
const notReachable: Record<string, string> = {
  'sign-in': 'It opens a session of the console. A program gets a token at /oauth/token.',
  'sign-out': 'It ends a session of the console, which a program has none of.',
  'choose-password': 'A person chooses their password with a link, in a browser.',
  'create-user': 'It answers a link that lets somebody in; it is made on the command line of the server.',
  'identify-api-client': 'The door itself asks it, to know who calls.',
  'check-client-secret': 'The token endpoint asks it.',
  'note-token-refusal': 'The token endpoint notes it.',
  'take-client-assertion': 'The token endpoint asks it.',
  'begin-second-factor': own,
  'change-password': own,
  'confirm-second-factor': own,
  'list-sessions': own,
  'read-account': own,
  'remove-second-factor': own,
  'revoke-other-sessions': own,
  'revoke-session': own,
  'step-up': own,
  'require-second-factor': person,
  'waive-second-factor': person,
  'read-second-factor-rule':
    'It draws a part of a page; the users and their factors have routes of their own.',
  'compare-restored': restored,
  'mark-restored': restored,
  'read-restoration': restored,
  'resume-restored': restored,
  'read-metrics': 'A monitoring system asks /metrics for it, with a token of its own.',
  'find-by-name': page,
  'list-choices': page,
  'list-environments': page,
  'list-running': page,
  'match-credentials': 'A batch is planned with it, at POST /batches/plan.',
  'read-overview': page,
  'read-trends': page,
  'search-credentials': page,
  'count-newer-events': page,
  'create-view': view,
  'list-views': view,
  'remove-view': view,
  'rename-view': view,
  'sign-in-with-identity':
    'The door asks it after a person came back from their identity provider, in a browser.',
};

const core = path.resolve('core');
const files = fs
  .readdirSync(core, { recursive: true, encoding: 'utf8' })
  .filter((file) => /^[a-z]+(\/[a-z-]+)+\.ts$/.test(file));
const exported = await Promise.all(files.map((file) => import(path.join(core, file))));
const registry = exported
  .flatMap((module) => Object.values(module as Record<string, unknown>))
  .filter((one): one is { name: string } => typeof one === 'function' && 'effect' in one && 'may' in one)
  .map(({ name }) => name);

const reached = routes.map(({ rule }) => rule.name);

test('every use case and read is reachable by the API, or listed with the reason why not', () => {
  expect(registry.length).toBeGreaterThan(50);
  const missing = registry.filter((name) => !reached.includes(name) && !(name in notReachable));
  expect(missing).toEqual([]);
});

test('what is listed as not reachable exists, and is not reachable', () => {
  for (const name of Object.keys(notReachable)) {
    expect(registry).toContain(name);
    expect(reached).not.toContain(name);
  }
});
