import { z } from 'zod';
import { auditEventSchema } from '#core/audit/events.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

/** A worker has as many lanes, so that each endpoint has its own and waits for no other. */
export const MOST_ENDPOINTS = 32;

/** How long messages are kept, and how far back a replay goes. */
export const KEPT_DAYS = 30;

export const nameInput = z.string().trim().min(1, 'An endpoint needs a name.').max(100);

export const urlInput = z.url({ protocol: /^https?$/, error: 'Give a complete http or https address.' });

/** Every event there is, by name. */
export const eventNames: readonly string[] = auditEventSchema.options.map(({ shape }) => shape.action.value);

const nouns = new Set(eventNames.map((name) => name.replace(/\..*/, '')));

const pattern = z
  .string()
  .trim()
  .max(100)
  .refine(
    (value) =>
      value === '*' || eventNames.includes(value) || (/\.\*$/.test(value) && nouns.has(value.slice(0, -2))),
    { error: ({ input }) => `${String(input)} is no name of an event, nor rotation.* or the like, nor *.` },
  );

/** Which events are sent: names, `rotation.*` for all of a noun, `*` for all. */
export const eventsInput = z
  .array(pattern)
  .min(1, 'Name at least one event, or * for all of them.')
  .max(50)
  .transform((patterns) => [...new Set(patterns)].toSorted());

interface LockedEndpoint {
  id: string;
  name: string;
  url: string;
  events: string[];
  enabled: boolean;
}

/** The endpoint, which nothing else changes until the transaction ends. Throws a `Problem` 404 when there is none. */
export async function lockEndpoint(tx: Db, endpointId: string): Promise<LockedEndpoint> {
  const [endpoint] = await tx.$queryRaw<LockedEndpoint[]>`
    select id, name, url, events, enabled from webhook_endpoints where id = ${endpointId}::uuid for update`;
  if (endpoint === undefined) {
    throw notFound('webhook endpoint');
  }
  return endpoint;
}

/** Refuses, with a `Problem` 409, a name that another endpoint has. Endpoints are made and named one after another. */
export async function requireFreeName(tx: Db, name: string, except?: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('webhook endpoints', 0))`;
  const taken = await tx.webhookEndpoint.findUnique({ where: { name }, select: { id: true } });
  if (taken !== null && taken.id !== except) {
    const sentence = `There is already a webhook endpoint called ${name}.`;
    throw new Problem(409, 'name_taken', `${sentence} Nothing was saved.`, {}, { name: sentence });
  }
}

/** Refuses, with a `Problem` 409, what would have an endpoint that is switched off sent something. */
export function requireEnabled({ name, enabled }: Pick<LockedEndpoint, 'name' | 'enabled'>): void {
  if (!enabled) {
    const sentence = `${name} is switched off, so nothing is sent to it. Switch it on first; nothing was changed.`;
    throw new Problem(409, 'switched_off', sentence);
  }
}
