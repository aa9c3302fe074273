import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { cursorOf, keyIn, pageOf, pageQuery } from '#app/_doors/api/page.ts';
import { answering } from '#app/_doors/api/route.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';

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

/** The place of an event, in the cursor. */
const key = z.string().regex(/^\d{1,14}-\d{1,18}$/);

/** `/audit-events`. */
export const auditEventRoutes = [
  answering({
    method: 'GET',
    path: '/audit-events',
    operationId: 'listAuditEvents',
    tag: 'audit',
    summary: 'Audit events, the newest first, fifty at a time',
    calls: listAuditEvents,
    query: pageQuery.omit({ limit: true }).extend({
      q: z.string().max(1000).optional().meta({
        description: 'A question as on the page: `actor:anna action:rotation.* outcome:failure`, or words.',
      }),
    }),
    input: ({ query: { cursor, ...query } }) => ({
      ...query,
      ...(cursor === undefined ? {} : { before: keyIn(cursor, key) }),
    }),
    answers: pageOf(auditEvent),
    answer: ({ items, older }) => ({ items, nextCursor: cursorOf(older) }),
  }),
];
