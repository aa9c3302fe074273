import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { askFor, cursorOf, keyIn, pageOf, pageQuery, toPage, wholeList } from '#app/_doors/api/page.ts';
import { answering, type Route } from '#app/_doors/api/route.ts';
import { download } from '#app/_doors/download.ts';
import type { Actor } from '#core/access/actor.ts';
import { checkpointSchema } from '#core/audit/checkpoint.ts';
import { bundleEvidence } from '#core/evidence/bundle-evidence.ts';
import { exportAuditEvents } from '#core/evidence/export-audit-events.ts';
import { listAuditCheckpoints } from '#core/evidence/list-audit-checkpoints.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { listCollectorStates } from '#core/evidence/list-collector-states.ts';
import { readAuditEvent } from '#core/evidence/read-audit-event.ts';
import { readInclusionProof } from '#core/evidence/read-inclusion-proof.ts';
import { finishVerification } from '#core/evidence/verification.ts';
import { verifyAudit } from '#core/evidence/verify-audit.ts';

const auditEvent = z
  .object({
    id: z.string(),
    at: instant,
    action: z.string(),
    outcome: z.string(),
    actor: z.string(),
    credentialId: id.nullable(),
    rotationId: id.nullable(),
    body: z.looseObject({}).meta({ description: 'The whole event.' }),
  })
  .meta({ id: 'AuditEvent' });

const storedEvent = auditEvent
  .extend({
    text: z.string().meta({ description: 'The body byte for byte, which the leaf is of.' }),
    leaf: z.string().meta({ description: 'SHA-256 of a zero byte and the text, in hex.' }),
    previous: z.string().nullable().meta({ description: 'The id of the event before it.' }),
    next: z.string().nullable(),
  })
  .meta({ id: 'StoredAuditEvent' });

const proof = z
  .object({
    eventId: z.string(),
    body: z.string(),
    seq: z.int(),
    path: z.array(z.string()).readonly().meta({ description: 'Partners from the leaf to the root, in hex.' }),
    checkpoint: checkpointSchema,
    publicKey: z.string().meta({ description: 'The key that signed the checkpoint, in hex.' }),
  })
  .meta({ id: 'InclusionProof' });

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

/** The place of an event, in the cursor. */
const key = z.string().regex(/^\d{1,14}-\d{1,18}$/);

const question = z.string().max(1000).optional().meta({
  description: 'A question as on the page: `actor:anna action:rotation.* outcome:failure`, or words.',
});

const exportQuery = z.strictObject({ q: question, format: z.enum(['csv', 'jsonl']).default('jsonl') });

const exportEvents: Route = {
  method: 'GET',
  path: '/audit-events/export',
  operationId: 'exportAuditEvents',
  tag: 'audit',
  summary: 'Every event that fits a question, the newest first, as a file; the audit tells of it',
  rule: exportAuditEvents,
  query: exportQuery,
  status: 200,
  types: ['application/jsonl', 'text/csv'],
  answers: z.string().meta({ description: 'A line for each event.' }),
  stream: async (actor, { query }) => {
    const { q, format } = exportQuery.parse(query);
    const { type, extension, parts } = await exportAuditEvents(actor, { q, format });
    return download(`rekey-audit.${extension}`, type, parts);
  },
  perform: async () => ({}),
};

const range = z.strictObject({
  created: z.string().max(100).optional().meta({
    description: 'A time, as in a question: `2026-11-01..2026-11-28`; all time where it is left out.',
  }),
});

const zip = z
  .string()
  .meta({ format: 'binary', description: 'A report, the events, their proofs and a manifest.' });

/** What the two bundles have in common. */
const bundle = {
  method: 'GET',
  tag: 'audit',
  rule: bundleEvidence,
  status: 200,
  types: ['application/zip'],
  answers: zip,
  perform: async () => ({}),
} as const;

async function bundled(actor: Actor, asked: Parameters<typeof bundleEvidence>[1]): Promise<Response> {
  const { type, name, parts } = await bundleEvidence(actor, asked);
  return download(`rekey-evidence-${name}.zip`, type, parts);
}

const bundles: Route[] = [
  {
    ...bundle,
    path: '/rotations/{rotationId}/evidence',
    operationId: 'bundleEvidenceOfRotation',
    summary: 'What an auditor takes along about one rotation; the audit tells of it',
    stream: (actor, { path: { rotationId = '' } }) => bundled(actor, { rotationId }),
  },
  {
    ...bundle,
    path: '/credentials/{credentialId}/evidence',
    operationId: 'bundleEvidenceOfCredential',
    summary: 'What an auditor takes along about one credential and a time; the audit tells of it',
    query: range,
    stream: (actor, { path: { credentialId = '' }, query }) =>
      bundled(actor, { credentialId, ...range.parse(query) }),
  },
];

/** `/audit-events`, and the evidence in them. */
export const auditEventRoutes = [
  exportEvents,
  ...bundles,
  answering({
    method: 'GET',
    path: '/audit-events',
    operationId: 'listAuditEvents',
    tag: 'audit',
    summary: 'Audit events, the newest first, fifty at a time',
    calls: listAuditEvents,
    query: pageQuery.omit({ limit: true }).extend({
      q: question,
    }),
    input: ({ query: { cursor, ...query } }) => ({
      ...query,
      ...(cursor === undefined ? {} : { before: keyIn(cursor, key) }),
    }),
    answers: pageOf(auditEvent),
    answer: ({ items, older }) => ({ items, nextCursor: cursorOf(older) }),
  }),
  answering({
    method: 'GET',
    path: '/audit-events/{eventId}',
    operationId: 'readAuditEvent',
    tag: 'audit',
    summary: 'One event with everything that is stored of it',
    calls: readAuditEvent,
    input: ({ path }) => ({ id: path.eventId }),
    answers: storedEvent,
    answer: (event) => event,
  }),
  answering({
    method: 'GET',
    path: '/audit-events/{eventId}/proof',
    operationId: 'readInclusionProof',
    tag: 'audit',
    summary: 'What shows, without this database, that one event was sealed',
    calls: readInclusionProof,
    input: ({ path }) => path,
    answers: proof,
    answer: (found) => found,
  }),
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
