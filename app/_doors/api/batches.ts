import { z } from 'zod';
import {
  batch,
  batchPlan,
  batchRow,
  presentBatch,
  presentBatchPlan,
  shownBatch as shown,
} from '#app/_doors/api/batch-shape.ts';
import { givenReason, id, reason } from '#app/_doors/api/common.ts';
import { filterShape } from '#app/_doors/api/credential-shape.ts';
import { durationInput } from '#app/_doors/api/duration.ts';
import { askFor, pageOf, pageQuery, toPage } from '#app/_doors/api/page.ts';
import { answering, type Call, changing } from '#app/_doors/api/route.ts';
import type { Actor } from '#core/access/actor.ts';
import { matchCredentials } from '#core/credentials/match-credentials.ts';
import { listBatches } from '#core/rotation/batches/list-batches.ts';
import { planBatch } from '#core/rotation/batches/plan-batch.ts';
import { readBatch } from '#core/rotation/batches/read-batch.ts';
import { resumeBatch } from '#core/rotation/batches/resume-batch.ts';
import { startBatch } from '#core/rotation/batches/start-batch.ts';
import { stopBatch } from '#core/rotation/batches/stop-batch.ts';
import { Problem } from '#lib/problem.ts';

const tag = 'batches';

const where = z
  .strictObject(filterShape)
  .refine((filter) => Object.keys(filter).length > 0, 'Say what the credentials have in common.')
  .meta({
    description:
      'All credentials that this fits now. Start the list that was planned by its ids and its digest.',
  });

const credentialIds = z.array(id).min(1).max(500);
const maxConcurrency = z.int().min(1).max(50).optional().meta({ description: '5 by default.' });
const gracePeriod = durationInput.optional().meta({
  description:
    'How long each old version is kept; left out, what the policy of each credential says, or else P1D. At most P90D.',
});

const planBody = z
  .strictObject({
    credentialIds: credentialIds.optional(),
    where: where.optional(),
    maxConcurrency,
    gracePeriod,
  })
  .refine(
    (body) => (body.credentialIds === undefined) !== (body.where === undefined),
    'Give `credentialIds` or `where`.',
  );

type PlanWish = Omit<Parameters<typeof planBatch>[1], 'credentialIds'> & {
  credentialIds?: string[] | undefined;
  where?: z.output<typeof where> | undefined;
};

/** A filter belongs to credentials and a batch to rotations; here the one becomes the list of the other. */
const planFound: Call<PlanWish, Awaited<ReturnType<typeof planBatch>>> = Object.defineProperties(
  async (actor: Actor, { credentialIds: named, where: filter, ...wish }: PlanWish) => {
    const ids = named ?? (await matchCredentials(actor, filter ?? {})).map((found) => found.id);
    if (named === undefined && ids.length === 0) {
      throw new Problem(
        422,
        'none_fits',
        'No credential that you may see fits `where`. Nothing was changed.',
      );
    }
    return planBatch(actor, { ...wish, credentialIds: ids });
  },
  { name: { value: planBatch.name }, may: { value: planBatch.may }, effect: { value: planBatch.effect } },
) as Call<PlanWish, Awaited<ReturnType<typeof planBatch>>>;

/** Many credentials rotated for one reason. */
export const batchRoutes = [
  answering({
    method: 'POST',
    path: '/batches/plan',
    operationId: 'planBatch',
    tag,
    summary: 'What a batch would do, credential by credential; nothing is changed',
    refuses: ['404'],
    calls: planFound,
    body: planBody,
    input: ({ body: { gracePeriod: graceSeconds, ...body } }) => ({ ...body, graceSeconds }),
    answers: batchPlan,
    answer: presentBatchPlan,
  }),
  changing({
    method: 'POST',
    path: '/batches',
    operationId: 'startBatch',
    tag,
    summary: 'Rotate many credentials, so many at a time',
    description:
      'Starts exactly the list that was planned, as `digest` names it; another one, or with another `gracePeriod`, is refused (409, `batch_changed`). Where the plan has a `count`, it has to be given.',
    calls: startBatch,
    body: z.strictObject({
      credentialIds,
      digest: z.string().min(1).max(200),
      reason,
      maxConcurrency,
      stopOnFailure: z.boolean().optional().meta({ description: 'True by default.' }),
      gracePeriod,
      count: z.int().optional(),
    }),
    input: ({ body: { gracePeriod: graceSeconds, ...body } }) => ({ ...body, graceSeconds }),
    status: 202,
    shows: shown,
    resource: ({ batchId }) => batchId,
  }),
  answering({
    method: 'GET',
    path: '/batches',
    operationId: 'listBatches',
    tag,
    summary: 'Batches, the newest first',
    calls: listBatches,
    query: pageQuery.extend({ state: z.enum(['running', 'stopped', 'completed']).optional() }),
    input: ({ query }) => ({ ...askFor(query, id), state: query.state }),
    answers: pageOf(batchRow),
    answer: (rows, { query }) => toPage(rows, query, (row) => row.id),
  }),
  answering({
    method: 'GET',
    path: '/batches/{batchId}',
    operationId: 'readBatch',
    tag,
    summary: 'One batch with every credential in it, as it stands now',
    calls: readBatch,
    input: ({ path }) => path,
    answers: batch,
    answer: presentBatch,
  }),
  changing({
    method: 'POST',
    path: '/batches/{batchId}/stop',
    operationId: 'stopBatch',
    tag,
    summary: 'Start nothing more of a batch; what runs goes on',
    calls: stopBatch,
    body: givenReason,
    input: ({ path, body }) => ({ ...path, ...body }),
    status: 200,
    shows: shown,
    resource: (_nothing, { batchId }) => batchId,
  }),
  changing({
    method: 'POST',
    path: '/batches/{batchId}/resume',
    operationId: 'resumeBatch',
    tag,
    summary: 'Let a stopped batch go on with what waits',
    calls: resumeBatch,
    body: z.strictObject({}),
    input: ({ path }) => path,
    status: 200,
    shows: shown,
    resource: (_nothing, { batchId }) => batchId,
  }),
];
