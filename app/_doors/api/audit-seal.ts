import { z } from 'zod';
import { instant } from '#app/_doors/api/common.ts';
import { askFor, pageOf, pageQuery, toPage, wholeList } from '#app/_doors/api/page.ts';
import { answering } from '#app/_doors/api/route.ts';
import { checkpointSchema } from '#core/audit/checkpoint.ts';
import { listAuditCheckpoints } from '#core/evidence/list-audit-checkpoints.ts';
import { listCollectorStates } from '#core/evidence/list-collector-states.ts';
import { finishVerification } from '#core/evidence/verification.ts';
import { verifyAudit } from '#core/evidence/verify-audit.ts';

const verification = z
  .object({
    ok: z.boolean(),
    events: z.int().meta({ description: 'How many were recomputed from their bodies.' }),
    detached: z
      .array(
        z.object({
          firstSeq: z.int(),
          lastSeq: z.int(),
          before: instant,
          at: instant,
          by: z.string(),
          archive: z.string().meta({ description: 'SHA-256 of the archive, in hex.' }),
        }),
      )
      .readonly()
      .meta({ description: 'Places whose events are in an archive: their hashes were verified.' }),
    sealedThrough: z.object({ seq: z.int(), batch: z.int(), at: instant }).nullable(),
    firstBad: z
      .object({
        what: z.string(),
        eventId: z.string().nullable(),
        seq: z.int().nullable(),
        batch: z.int().nullable(),
      })
      .nullable(),
    unsealed: z.object({ events: z.int(), since: instant.nullable() }),
  })
  .meta({ id: 'Verification' });

const sealedBatch = checkpointSchema
  .extend({
    firstSeq: checkpointSchema.shape.firstSeq.meta({ description: 'The first place that it seals.' }),
    root: checkpointSchema.shape.root.meta({ description: 'Of the Merkle tree over its leaves, in hex.' }),
    previous: checkpointSchema.shape.previous.meta({ description: 'The hash of the checkpoint before.' }),
    at: instant.meta({ description: 'When it was sealed.' }),
    signature: z.string().meta({ description: 'Ed25519 over the text of the checkpoint, in base64.' }),
    publicKey: z.string().meta({ description: 'The key that signed it, in hex.' }),
  })
  .meta({ id: 'AuditCheckpoint' });

const collector = z
  .object({
    name: z.string().meta({ description: 'Scheme, host and port.' }),
    behind: z.int().meta({ description: 'Sealed events that it was not sent yet.' }),
    since: instant.nullable().meta({ description: 'When the first of them was sealed.' }),
    sentAt: instant.nullable(),
    error: z.string().nullable().meta({ description: 'Why it took nothing the last time.' }),
  })
  .meta({ id: 'AuditCollector' });

const checkpointQuery = pageQuery.extend({
  after: z.coerce.number<string>().int().min(0).max(Number.MAX_SAFE_INTEGER).optional().meta({
    description: 'Only those after the batch of this number: what a witness lacks that has this one.',
  }),
});

const seq = z.int().min(1).optional();

const batchNumber = z.string().regex(/^\d{1,15}$/);

/** What vouches for the audit log, and where it goes. */
export const auditSealRoutes = [
  answering({
    method: 'GET',
    path: '/audit-collectors',
    operationId: 'listAuditCollectors',
    tag: 'audit',
    summary: 'Where the audit log is streamed to, and how far each one is',
    calls: listCollectorStates,
    input: () => ({}),
    answers: pageOf(collector),
    answer: wholeList,
  }),
  answering({
    method: 'GET',
    path: '/audit-checkpoints',
    operationId: 'listAuditCheckpoints',
    tag: 'audit',
    summary: 'The signed checkpoints of the sealed log, the first one first',
    calls: listAuditCheckpoints,
    query: checkpointQuery,
    input: ({ query: { after, ...page } }) => ({
      ...(after === undefined ? {} : { after }),
      ...askFor(page, batchNumber),
    }),
    answers: pageOf(sealedBatch),
    answer: (rows, { query }) => toPage(rows, query, ({ n }) => String(n)),
  }),
  answering({
    method: 'POST',
    path: '/audit-events/verify',
    operationId: 'verifyAudit',
    tag: 'audit',
    summary: 'Recompute the sealed log, or a part of it, and compare it with its signatures and witnesses',
    description: 'A long log takes a while; the answer comes at the end.',
    calls: verifyAudit,
    body: z.strictObject({ from: seq, to: seq }),
    input: ({ body }) => body,
    answers: verification,
    answer: (run) => finishVerification(run),
  }),
];
