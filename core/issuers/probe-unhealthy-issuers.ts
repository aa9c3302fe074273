import { markHealthy } from '#core/issuers/mark-healthy.ts';
import { releaseRotations } from '#core/issuers/release-rotations.ts';
import { asCheck } from '#core/outside/as-check.ts';
import { PROBE_SECONDS } from '#core/outside/called-unhealthy.ts';
import { openIssuer } from '#core/outside/open-connector.ts';
import { db } from '#lib/db.ts';

const actor = { kind: 'system', id: null, name: 'worker' } as const;

/** Takes the issuers whose time has come; other workers pass over them for as long as a probe may last. */
async function takeDue(): Promise<string[]> {
  const { rows } = await db().pool.query<{ id: string }>(
    `update issuers set probe_at = rekey_now() + make_interval(secs => $1)
      where id in (select id from issuers
                    where health = 'unhealthy' and archived_at is null and coalesce(probe_at, rekey_now()) <= rekey_now()
                    for update skip locked limit 20)
      returning id`,
    [PROBE_SECONDS],
  );
  return rows.map(({ id }) => id);
}

async function probe(id: string): Promise<void> {
  const { prisma } = db();
  const row = await prisma.issuer.findUnique({
    where: { id, archivedAt: null },
    include: {
      credentials: { where: { archivedAt: null }, orderBy: { createdAt: 'asc' }, take: 1 },
    },
  });
  const credential = row?.credentials[0];
  if (row === null || credential === undefined) {
    return;
  }
  const issuer = openIssuer(row, { ...credential, table: 'credentials' });
  const { ok } = await asCheck('', () => issuer.ask(null, (connector, call) => connector.check(call)));
  if (ok) {
    await prisma.$transaction((tx) => markHealthy(tx, row, actor));
  }
}

/**
 * Asks each unhealthy issuer, every half minute, whether it answers again. Rotations that are held for the health of an
 * issuer that is not unhealthy any more, whatever made it well, go on by themselves. The sweep finds them.
 */
export async function probeUnhealthyIssuers(): Promise<void> {
  await Promise.all((await takeDue()).map(probe));
  await releaseRotations(actor);
}
