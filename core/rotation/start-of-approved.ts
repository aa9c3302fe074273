import { openingFrom } from '#core/schedule/opening.ts';
import { rulesOf, rulesOfRow } from '#core/schedule/rules.ts';
import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

interface Row {
  now: Date;
  window: unknown;
  blackouts: unknown;
}

/**
 * When a rotation that has its last approval starts: at once, but one of a schedule not before its policy lets rotations
 * start, because people approve at any hour. Throws a `Problem` where that is more than a year ahead.
 */
export async function startOfApproved(tx: Db, isScheduled: boolean, credentialId: string): Promise<Date> {
  const [row] = await tx.$queryRaw<Row[]>`
    select rekey_now() as now, p.window, coalesce(p.blackouts, '[]') as blackouts
      from credentials c
      left join policy_assignments a on a.credential_id = c.id
      left join policies p on p.id = a.policy_id
     where c.id = ${credentialId}::uuid`;
  if (row === undefined) {
    throw new Error(`There is no credential ${credentialId}.`);
  }
  const rules = rulesOf(rulesOfRow({ ...row, jitterSeconds: 0 }));
  const opening = isScheduled ? openingFrom(row.now, rules) : row.now;
  if (opening === null) {
    throw new Problem(
      409,
      'not_now',
      'Its policy lets nothing start for more than a year: change the policy, or reject the rotation. Nothing was changed.',
    );
  }
  return opening;
}
