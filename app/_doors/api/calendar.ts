import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { duration } from '#app/_doors/api/duration.ts';
import { answering } from '#app/_doors/api/route.ts';
import { listUpcoming } from '#core/policies/list-upcoming.ts';
import { formatDuration } from '#lib/duration.ts';

const moment = z.iso.datetime({ offset: true });

const run = z.object({
  credentialId: id,
  credential: z.string(),
  environment: z.string(),
  issuer: z.string(),
  policyId: id,
  policy: z.string(),
  at: instant.meta({ description: 'When it starts.' }),
  isSet: z.boolean().meta({ description: 'False: it follows if the policy stays as it is.' }),
  movedBy: z.string().nullable().meta({ description: 'expiry, age, hand or min_spacing.' }),
  gracePeriod: duration,
  pausedBy: z.enum(['everything', 'issuer', 'credential']).nullable(),
});

const overlap = z.object({
  rotationId: id,
  credentialId: id,
  credential: z.string(),
  environment: z.string(),
  from: instant,
  to: instant.nullable(),
  held: z.boolean(),
});

const blackout = z.object({
  policyId: id,
  policy: z.string(),
  from: instant,
  to: instant,
  reason: z.string(),
  credentials: z.int(),
});

const calendar = z
  .object({
    from: instant,
    to: instant,
    runs: z.array(run),
    overlaps: z.array(overlap).meta({ description: 'Rotations whose old version still works.' }),
    blackouts: z.array(blackout),
    isCut: z.boolean().meta({ description: 'There is more than is listed; ask for a shorter time.' }),
  })
  .meta({ id: 'Calendar' });

/** `/calendar`. */
export const calendarRoutes = [
  answering({
    method: 'GET',
    path: '/calendar',
    operationId: 'listUpcoming',
    tag: 'policies',
    summary: 'What policies will start between two moments, at most 92 days apart, and what overlaps then',
    refuses: ['422'],
    calls: listUpcoming,
    query: z.strictObject({
      from: moment,
      to: moment,
      environment: z.string().max(200).optional().meta({ description: 'Of this environment only.' }),
    }),
    input: ({ query }) => query,
    answers: calendar,
    answer: (found) => ({
      ...found,
      runs: found.runs.map(({ graceSeconds, ...one }) => ({
        ...one,
        gracePeriod: formatDuration(graceSeconds),
      })),
    }),
  }),
];
