import { markHealthy } from '#core/issuers/mark-healthy.ts';
import { releaseRotations } from '#core/issuers/release-rotations.ts';
import { askWhether } from '#core/outside/as-check.ts';
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

/** One whose rotation waits for the issuer, the longest first; else the oldest. */
async function credentialToAskAbout(issuerId: string): Promise<string | undefined> {
  const { rows } = await db().pool.query<{ id: string }>(
    `select c.id from credentials c
       left join rotations r on r.credential_id = c.id and r.outcome is null and r.hold = 'issuer_unhealthy'
      where c.issuer_id = $1 and c.archived_at is null
      order by r.created_at nulls last, c.created_at limit 1`,
    [issuerId],
  );
  return rows[0]?.id;
}

async function probe(id: string): Promise<void> {
  const { prisma } = db();
  const credentialId = await credentialToAskAbout(id);
  if (credentialId === undefined) {
    return;
  }
  const row = await prisma.issuer.findUnique({
    where: { id, archivedAt: null },
    include: { credentials: { where: { id: credentialId } } },
  });
  const credential = row?.credentials[0];
  if (row === null || credential === undefined) {
    return;
  }
  const issuer = openIssuer(row, { ...credential, table: 'credentials' });
  const { answers } = await askWhether('', () =>
    issuer.ask(null, (connector, call) => connector.check(call)),
  );
  if (answers) {
    await prisma.$transaction((tx) => markHealthy(tx, row, actor));
  }
}

/**
 * Asks each unhealthy issuer, every half minute, whether it answers again; a refusal for good is an answer. Rotations that are
 * held for the health of an issuer that is not unhealthy any more, whatever made it well, go on by themselves. The sweep finds
 * them.
 */
export async function probeUnhealthyIssuers(): Promise<void> {
  await Promise.all((await takeDue()).map(probe));
  await releaseRotations(actor);
}
