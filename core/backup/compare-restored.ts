import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import { compareCredential } from '#core/backup/compare-credential.ts';
import { type ListItem, storedList } from '#core/backup/list-item.ts';
import { loadRestored } from '#core/backup/load-restored.ts';
import { storeVerdict } from '#core/backup/store-verdict.ts';
import { eachAtOnce } from '#lib/at-once.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  /** Told of each credential that was compared. */
  onProgress: z.custom<(done: number, of: number) => void>().optional(),
});

/** An issuer that does not answer takes its time for each of its credentials, and a list is good for an hour only. */
const AT_ONCE = 8;

/** Compares one credential and stores what was found; null where it is gone. */
async function compareOne(id: string, earlier: ListItem | undefined, actor: AuditActor) {
  const restored = await loadRestored(id);
  if (restored === null) return null;
  const refused = earlier?.refused != null && earlier.refused === restored.current?.id;
  return storeVerdict(restored, await compareCredential(restored, refused), earlier, actor);
}

/**
 * Compares every credential of a restored database with its issuer and its targets. A newer secret that the issuer reads back is
 * stored as current; whatever is not proven to be as it is stored is paused by itself. No target is given another secret than it
 * holds. Everything stays paused; the list that is answered has to be read by an admin first. It may be repeated.
 */
export const compareRestored = useCase(
  { name: 'compare-restored', may: [], stepUp: false, scope: 'everything', input },
  async ({ actor: who, db }, { onProgress }) => {
    const actor = auditActor(who);
    const open = await db.prisma.restoration.findFirst({ where: { resumedAt: null } });
    if (open === null) {
      const sentence = 'This database was not restored, or was resumed already. Nothing was changed.';
      throw new Problem(409, 'not_restored', sentence);
    }
    const before = storedList.parse(open.list ?? []);
    const ids = await db.prisma.credential.findMany({
      where: { archivedAt: null },
      select: { id: true },
      orderBy: { name: 'asc' },
    });
    const earlierOf = new Map(before.map((item) => [item.credentialId, item]));
    let done = 0;
    const compared = await eachAtOnce(ids, AT_ONCE, async ({ id }) => {
      const item = await compareOne(id, earlierOf.get(id), actor);
      done += 1;
      onProgress?.(done, ids.length);
      return item;
    });
    const list = compared.filter((item) => item !== null);
    const count = (outcome: string) => list.filter((item) => item.outcome === outcome).length;
    const counts = { same: count('same'), imported: count('imported'), unproven: count('unproven') };
    await db.prisma.$transaction(async (tx) => {
      await tx.$executeRaw`
        update restorations set compared_at = rekey_now(), list = ${JSON.stringify(list)}::jsonb
         where id = ${open.id}::uuid and resumed_at is null`;
      await record(tx, { action: 'database.compared', actor, ...counts });
    });
    return { detail: open.detail, list };
  },
);
