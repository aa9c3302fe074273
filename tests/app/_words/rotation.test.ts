import { expect, test } from 'vitest';
import { objectOf, sentenceOf } from '#app/_words/events.ts';
import { count, levelWord, outcomeWord, phaseWord, strategyWord } from '#app/_words/rotation.ts';
import { auditEventSchema } from '#core/audit/events.ts';
import { levels } from '#core/outside/levels.ts';
import { phases, strategies } from '#core/rotation/strategies.ts';

test('every phase, strategy and level has a word without underscores', () => {
  const words = [
    ...phases.map(phaseWord),
    ...Object.keys(strategies).map(strategyWord),
    ...levels.map(levelWord),
    outcomeWord('rolled_back'),
  ];
  // NEXT is a name, written as it stands in the targets.
  for (const word of words) expect(word).toMatch(/^[A-Z][a-z -]+(NEXT)?$/);
});

const body = {
  credential: 'fleet-api',
  target: 'Env file',
  phase: 'deliver',
  attempt: 2,
  version: 3,
  level: 'read_back',
  strategy: 'overlap',
  name: 'SurfaceScout',
  policy: 'Monthly',
  email: 'anna@example.com',
  role: 'operator',
  detail: 'The target is full.',
  error: 'The target is full.',
  until: '2026-11-23T13:00:00.000Z',
  externalId: 'secret-7',
  given: 1,
  hint: 'x9Qz',
  previousEndsAt: '2026-11-23T13:00:00.000Z',
  needed: 2,
  from: 'a1b2',
  to: 'c3d4',
  events: 3,
  firstBad: 'event 3 was altered',
  query: 'actor:anna',
  format: 'csv',
  count: 12,
  requestedBy: 'Anna',
  of: 'Ben',
  sessions: 2,
  conclusion: 'Nothing stopped working.',
  values: 12,
  firstSeq: 1,
  lastSeq: 12,
  host: 'hooks.example.com',
  webhookId: 'msg_1f',
  maxConcurrency: 5,
  waiting: 3,
  completed: 2,
  failed: 1,
  skipped: 1,
  rows: 1200,
  same: 7,
  imported: 1,
  unproven: 2,
  readBy: 'anna@example.com',
  issuer: 'https://sso.example.com',
};

test.each(auditEventSchema.options.map((option) => option.shape.action.value))(
  'the event %s is told in a sentence',
  (action) => {
    expect(sentenceOf(action, body)).toMatch(/^(?=.*\s)[A-Zv].*\.$/);
    expect(sentenceOf(action, body)).not.toMatch(/undefined|—/);
  },
);

test('the reason that a person gave stands in the sentence', () => {
  const why = { ...body, reason: 'It leaked', detail: undefined };
  expect(sentenceOf('rotation.turned_back', why)).toBe('Turned the rotation back. Reason: It leaked');
  expect(sentenceOf('rotation.held', why)).toBe('Held the rotation. Reason: It leaked');
  expect(sentenceOf('rotation.held', body)).toBe('The rotation is held: The target is full.');
});

test('an action that this version does not know is shown as it is called', () => {
  expect(sentenceOf('moon.landed', {})).toBe('moon.landed');
});

test('an event is about its credential, else about what it names', () => {
  expect(objectOf(body)).toBe('fleet-api');
  expect(objectOf({ email: 'anna@example.com' })).toBe('anna@example.com');
  expect(objectOf({})).toBeNull();
});

test('one thing is counted in the singular', () => {
  expect([count(1, 'target'), count(2, 'target')]).toEqual(['1 target', '2 targets']);
});
