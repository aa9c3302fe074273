import { type Actor, auditActor } from '#core/access/actor.ts';
import { record } from '#core/audit/record.ts';
import type { Database } from '#lib/db.ts';

export interface Export {
  readonly query: string;
  readonly format: 'csv' | 'jsonl' | 'bundle';
}

/** Counts the events that were read. */
export interface Counter {
  count: number;
}

/**
 * Tells the audit log of an export. That it began is stored before this answers, so nothing leaves unseen even if the
 * process dies. How many events left is stored before the last part leaves, or when the reader goes away.
 */
export async function tellExport(
  db: Database,
  actor: Actor,
  { query, format }: Export,
  partsOf: (counter: Counter) => AsyncIterable<string | Uint8Array>,
): Promise<AsyncGenerator<string | Uint8Array>> {
  const told = { actor: auditActor(actor), query, format };
  await db.prisma.$transaction((tx) => record(tx, { action: 'audit.export_begun', ...told }));
  const end = (outcome: 'success' | 'failure', count: number) =>
    db.prisma.$transaction((tx) => record(tx, { action: 'audit.exported', ...told, outcome, count }));
  return (async function* () {
    const counter = { count: 0 };
    // One part is held back, and does not count before it leaves.
    let left = 0;
    let ended = false;
    try {
      let held: { part: string | Uint8Array; count: number } | undefined;
      for await (const part of partsOf(counter)) {
        if (held !== undefined) {
          left = held.count;
          yield held.part;
        }
        held = { part, count: counter.count };
      }
      ended = true;
      await end('success', counter.count);
      if (held !== undefined) {
        yield held.part;
      }
    } finally {
      if (!ended) {
        await end('failure', left);
      }
    }
  })();
}
