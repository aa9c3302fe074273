import { expect, test } from 'vitest';
import { historyQuestion } from '#app/(console)/credentials/[id]/history-question.ts';
import { auditEventSchema } from '#core/audit/events.ts';
import { parseQuery } from '#core/evidence/query.ts';

const id = '01990000-0000-7000-8000-000000000000';

/** What a question asks of actions: whole ones, and beginnings. */
function fits(question: string, action: string): boolean {
  const { terms, problems } = parseQuery(question);
  expect(problems).toEqual([]);
  const wanted = terms.filter(({ qualifier }) => qualifier === 'action').map(({ value }) => value);
  return (
    wanted.length === 0 ||
    wanted.some((one) => (one.endsWith('*') ? action.startsWith(one.slice(0, -1)) : action === one))
  );
}

/** How a rotation goes about it: on its page and in the audit log. */
const steps = [
  'secret.fetched',
  'secret.reported',
  'secret.seen_in_use',
  'step.begun',
  'step.succeeded',
  'step.failed',
  'secret.issued',
  'secret.delivered',
  'secret.removed',
  'secret.confirmed',
  'secret.proven_dead',
  'secret.discarded',
];

test('the history of a credential has every event that is about a credential, apart from the steps of rotations', () => {
  const actions = auditEventSchema.options
    .filter(({ shape }) => 'credentialId' in shape)
    .map(({ shape }) => shape.action.value);
  const left = actions.filter((action) => !fits(historyQuestion(id, false), action));
  expect(left).toEqual(steps);
});

test('with its steps the history has every event, and both are of this credential alone', () => {
  expect(steps.filter((action) => !fits(historyQuestion(id, true), action))).toEqual([]);
  for (const withSteps of [true, false]) {
    expect(historyQuestion(id, withSteps)).toContain(`credential:${id}`);
  }
});
