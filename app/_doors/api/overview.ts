import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { pageOf, wholeList } from '#app/_doors/api/page.ts';
import { answering } from '#app/_doors/api/route.ts';
import { listEnvironments } from '#core/credentials/list-environments.ts';
import { readOverview } from '#core/credentials/read-overview.ts';
import { readTrends } from '#core/rotation/read-trends.ts';

const tag = 'overview';

const query = z.strictObject({
  environment: z.string().max(200).optional().meta({ description: 'Of this environment only.' }),
});

const counter = z.object({
  count: z.int(),
  worst: z.string().nullable().meta({ description: 'The name of the worst of them.' }),
  at: instant.nullable().meta({ description: 'What makes it the worst: since when, or until when.' }),
});

const kind = z.enum([
  'glass',
  'review',
  'held',
  'task',
  'retrying',
  'finding',
  'issuer',
  'target',
  'expiring',
]);

const item = z.object({
  kind,
  id: z
    .string()
    .meta({ description: 'Of what it is about: the request, rotation, finding, issuer, target or version.' }),
  credentialId: id.nullable(),
  name: z.string(),
  environment: z.string().nullable(),
  detail: z.string().nullable(),
  hold: z.string().nullable(),
  at: instant.nullable(),
});

const overview = z
  .object({
    now: instant,
    counters: z.object({ failing: counter, overdue: counter, due: counter, overlap: counter }),
    attention: z.array(item).meta({ description: 'What waits for a person, eight of each kind at most.' }),
    attentionTotals: z.partialRecord(kind, z.int()).meta({ description: 'How many wait of each kind.' }),
    system: z.object({
      workers: z.int().meta({ description: 'Workers that were heard within 15 seconds.' }),
      workerSeenAt: instant.nullable(),
      waiting: z.int().meta({ description: 'Rotations that are due and that no worker has taken up.' }),
      quietSince: instant.nullable().meta({ description: 'When the last rotation ended.' }),
    }),
  })
  .meta({ id: 'Overview' });

const trends = z
  .object({
    weeks: z.array(
      z.object({
        week: instant.meta({ description: 'When it began: a Monday, in UTC.' }),
        ended: z.int(),
        completed: z.int(),
        seconds: z.number().nullable().meta({ description: 'The median until the new version was current.' }),
      }),
    ),
    ages: z.array(
      z.object({
        from: z.int().meta({ description: 'Days.' }),
        to: z.int().nullable(),
        credentials: z.int(),
      }),
    ),
  })
  .meta({ id: 'Trends' });

/** How everything stands. */
export const overviewRoutes = [
  answering({
    method: 'GET',
    path: '/overview',
    operationId: 'readOverview',
    tag,
    summary: 'What fails, is late, comes soon or overlaps, what waits for a person, and whether workers run',
    calls: readOverview,
    query,
    input: ({ query: asked }) => asked,
    answers: overview,
    answer: (found) => found,
  }),
  answering({
    method: 'GET',
    path: '/trends',
    operationId: 'readTrends',
    tag,
    summary: 'The rotations of the last twelve weeks, and how old the secrets are',
    calls: readTrends,
    query,
    input: ({ query: asked }) => asked,
    answers: trends,
    answer: (found) => found,
  }),
  answering({
    method: 'GET',
    path: '/environments',
    operationId: 'listEnvironments',
    tag,
    summary: 'The environments that there are credentials of',
    calls: listEnvironments,
    input: () => ({}),
    answers: pageOf(z.string()),
    answer: (names) => wholeList(names),
  }),
];
