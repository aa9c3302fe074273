import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { duration, maybeDuration } from '#app/_doors/api/duration.ts';
import type { Shown } from '#app/_doors/api/route.ts';
import type { BatchPlan } from '#core/rotation/batches/plan-batch.ts';
import { type BatchView, readBatch } from '#core/rotation/batches/read-batch.ts';

const seconds = z.number().nullable().meta({ description: 'In how many seconds, an estimate.' });

/** What a batch would do. */
export const batchPlan = z
  .object({
    digest: z.string().meta({ description: 'Names this list; give it to start exactly this one.' }),
    starting: z.int().meta({ description: 'How many of them are rotated.' }),
    count: z.int().nullable().meta({
      description: 'Has to be given back as `count` when it is started; null where it need not be.',
    }),
    etaSeconds: seconds,
    measured: z.boolean().meta({ description: 'Whether the ETA follows from earlier rotations alone.' }),
    members: z.array(
      z.object({
        credentialId: id,
        credential: z.string(),
        issuer: z.string(),
        environment: z.string(),
        strategy: z.string().nullable(),
        approvals: z.int(),
        gap: z.object({ seconds: z.number(), measured: z.boolean() }).nullable(),
        gracePeriod: duration
          .nullable()
          .meta({ description: 'How long its old version is kept; null where it cannot be planned.' }),
        graceAfterUse: duration.nullable().meta({
          description:
            'So long after its new version was seen in use the overlap ends, at the latest after `gracePeriod`.',
        }),
        refusal: z
          .object({ code: z.string(), sentence: z.string() })
          .nullable()
          .meta({ description: 'Why it is not rotated.' }),
      }),
    ),
  })
  .meta({ id: 'BatchPlan' });

export const presentBatchPlan = ({ members, ...plan }: BatchPlan): z.input<typeof batchPlan> => ({
  ...plan,
  members: members.map(({ graceSeconds, graceAfterUseSeconds, ...member }) => ({
    ...member,
    gracePeriod: maybeDuration(graceSeconds),
    graceAfterUse: maybeDuration(graceAfterUseSeconds),
  })),
});

const state = z.enum(['running', 'stopped', 'completed']);

/** A batch in a list. */
export const batchRow = z
  .object({
    id,
    state,
    reason: z.string(),
    startedBy: z.string(),
    createdAt: instant,
    endedAt: instant.nullable(),
    credentials: z.int(),
    done: z.int().meta({ description: 'How many have their new version in use.' }),
    failed: z.int(),
  })
  .meta({ id: 'BatchRow' });

const standing = z
  .enum(['waiting', 'working', 'needs_people', 'overlap', 'completed', 'failed', 'skipped'])
  .meta({ description: '`needs_people`: it waits for approvals or for a paste.' });

/** One batch as it stands now. */
export const batch = z
  .object({
    id,
    state,
    reason: z.string(),
    startedBy: z.string(),
    maxConcurrency: z.int(),
    stopOnFailure: z.boolean(),
    gracePeriod: duration.nullable().meta({
      description: 'Null: of each credential what its policy says, or else P1D.',
    }),
    stopWhy: z.string().nullable().meta({ description: 'Why nothing of it starts, and what to do.' }),
    createdAt: instant,
    endedAt: instant.nullable(),
    etaSeconds: seconds,
    counts: z.record(z.string(), z.int()).meta({ description: 'How many members have each standing.' }),
    members: z.array(
      z.object({
        credentialId: id,
        credential: z.string(),
        environment: z.string(),
        standing,
        rotationId: id.nullable(),
        phase: z.string().nullable(),
        hold: z.string().nullable(),
        why: z.string().nullable(),
        paused: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Batch' });

export const presentBatch = ({ graceSeconds, ...view }: BatchView): z.input<typeof batch> => ({
  ...view,
  gracePeriod: maybeDuration(graceSeconds),
});

export const shownBatch: Shown<typeof batch> = {
  answers: batch,
  path: (batchId) => `/batches/${batchId}`,
  read: async (actor, batchId) => presentBatch(await readBatch(actor, { batchId })),
};
