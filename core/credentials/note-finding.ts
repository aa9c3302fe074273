import type { Comparable } from '#core/credentials/load-comparable.ts';
import { db } from '#lib/db.ts';

interface Noted {
  bindingId: string | null;
  kind: 'foreign_value' | 'unknown_secret';
  /** What is there; null when all is as it should be. */
  detail: string | null;
}

/** Keeps one open finding of a kind up to date: opens it, leaves it, or clears it. What was archived meanwhile gets none. */
export async function noteFinding(credential: Comparable, { bindingId, kind, detail }: Noted): Promise<void> {
  const { prisma, pool } = db();
  const where = { credentialId: credential.id, bindingId, kind, clearedAt: null };
  const open = await prisma.finding.findFirst({ where });
  if (open?.detail === detail || (open === null && detail === null)) {
    return;
  }
  await pool.query(
    `update findings set cleared_at = rekey_now()
      where credential_id = $1 and binding_id is not distinct from $2 and kind = $3 and cleared_at is null`,
    [credential.id, bindingId, kind],
  );
  if (detail !== null) {
    await prisma.$transaction(async (tx) => {
      const there = await tx.$queryRaw<unknown[]>`
        select 1 from credentials where id = ${credential.id}::uuid and archived_at is null for key share`;
      if (there.length > 0) {
        await tx.finding.create({ data: { credentialId: credential.id, bindingId, kind, detail } });
      }
    });
  }
}
