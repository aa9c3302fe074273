import { compareIssuer } from '#core/credentials/compare-issuer.ts';
import { compareTargets } from '#core/credentials/compare-targets.ts';
import { loadComparable } from '#core/credentials/load-comparable.ts';
import { db } from '#lib/db.ts';
import { log } from '#lib/log.ts';

/** How often a credential is compared with the outside. */
const EVERY_SECONDS = 600;

const actor = { kind: 'system', id: null, name: 'worker' } as const;

/** The credentials whose turn it is; other workers pass over them. Those of an unhealthy issuer wait. */
async function takeDue(limit: number): Promise<string[]> {
  const { rows } = await db().pool.query<{ id: string }>(
    `update credentials set drift_at = rekey_now()
      where id in (
        select c.id from credentials c join issuers i on i.id = c.issuer_id
         where c.archived_at is null and c.paused_at is null and i.paused_at is null and i.health <> 'unhealthy'
           and not exists (select 1 from standstill)
           and coalesce(c.drift_at, c.created_at) <= rekey_now() - make_interval(secs => $1)
           and not exists (select 1 from rotations r where r.credential_id = c.id and r.outcome is null)
         order by coalesce(c.drift_at, c.created_at) limit $2 for update of c skip locked)
      returning id`,
    [EVERY_SECONDS, limit],
  );
  return rows.map(({ id }) => id);
}

async function compare(id: string, isOver: () => boolean): Promise<void> {
  const credential = await loadComparable(id);
  if (credential === null) {
    return;
  }
  await compareTargets(credential, actor, isOver);
  if (!isOver()) {
    await compareIssuer(credential, actor);
  }
}

/**
 * Compares credentials that nobody is rotating with their issuers and targets, and heals three things only: a target
 * with an older version of ours, a version of ours that was left in NEXT, and a forgotten secret that carries our tag. One credential after another, so that
 * the outside hardly notices. Once `isOver`, nothing more is begun, and what is left has its turn the next time. Answers how
 * many it was the turn of.
 */
export async function findDrift(limit: number, isOver = () => false): Promise<number> {
  const due = await takeDue(limit);
  for (const id of due) {
    if (isOver()) {
      break;
    }
    await compare(id, isOver).catch((err) =>
      log.error({ err, credentialId: id }, 'a credential could not be compared'),
    );
  }
  return due.length;
}
