import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { cursorOf, keyIn, pageOf, pageQuery } from '#app/_doors/api/page.ts';
import { answering, type Route } from '#app/_doors/api/route.ts';
import { download } from '#app/_doors/download.ts';
import type { Actor } from '#core/access/actor.ts';
import { checkpointSchema } from '#core/audit/checkpoint.ts';
import { bundleEvidence } from '#core/evidence/bundle-evidence.ts';
import { exportAuditEvents } from '#core/evidence/export-audit-events.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { readAuditEvent } from '#core/evidence/read-audit-event.ts';
import { readInclusionProof } from '#core/evidence/read-inclusion-proof.ts';

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
  refuses: ['422'],
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
    refuses: ['422'],
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
    summary: 'Audit events that fit a question, the newest first',
    refuses: ['422'],
    calls: listAuditEvents,
    query: pageQuery.extend({ q: question }),
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
];
