import type { Comparable } from '#core/credentials/load-comparable.ts';
import { type Db, db } from '#lib/db.ts';

interface Noted {
  bindingId: string | null;
  kind: 'foreign_value' | 'not_restarted' | 'unknown_secret';
  /** What is there; null when all is as it should be. */
  detail: string | null;
}

/** Whether a binding is still one; it is then not archived before the transaction ends. */
async function isBound(tx: Db, bindingId: string): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>`
    select 1 from bindings where id = ${bindingId}::uuid and archived_at is null for share`;
  return found.length === 1;
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
      if (there.length > 0 && (bindingId === null || (await isBound(tx, bindingId)))) {
        await tx.finding.create({ data: { credentialId: credential.id, bindingId, kind, detail } });
      }
    });
  }
}
