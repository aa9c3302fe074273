import { closedAt } from '#core/schedule/opening.ts';
import { rulesOf, rulesOfRow } from '#core/schedule/rules.ts';
import type { Database } from '#lib/db.ts';

/** One thing that Rekey itself knows and that stands in the way of a rotation, or does not. */
export interface Standing {
  check: 'open_rotation' | 'pause' | 'hours';
  subject: string;
  required: boolean;
  ok: boolean;
  message: string | null;
  fix: string | null;
}

interface Row {
  name: string;
  open: boolean;
  paused: 'everything' | 'issuer' | 'credential' | null;
  policy: string | null;
  window: unknown;
  blackouts: unknown;
  now: Date;
}

const pausedWords = {
  everything: 'Everything is paused',
  issuer: 'Its issuer is paused',
  credential: 'It is paused',
};

type Said = Pick<Standing, 'ok' | 'message' | 'fix'>;

const fine: Said = { ok: true, message: null, fix: null };

const but = (message: string, fix: string): Said => ({ ok: false, message, fix });

function ofHours({ policy, window, blackouts, now }: Row): Said {
  const rules = rulesOf(rulesOfRow({ window, blackouts, jitterSeconds: 0 }));
  const closed = closedAt(now, rules);
  const why =
    closed === 'blackout'
      ? `A blackout of the policy ${policy} is in force.`
      : `The window of the policy ${policy} is closed.`;
  const fix = 'What is asked for by hand starts all the same. Wait, if it can wait.';
  return closed === null ? fine : but(why, fix);
}

/** What Rekey itself knows: an open rotation, a pause, and the hours of the policy. */
export async function standingOf(db: Database, credentialId: string): Promise<Standing[]> {
  const [row] = await db.prisma.$queryRaw<Row[]>`
    select c.name, is_paused(c.id) as paused, p.name as policy, p.window, coalesce(p.blackouts, '[]') as blackouts,
           exists (select 1 from rotations r where r.credential_id = c.id and r.outcome is null) as open,
           rekey_now() as now
      from credentials c
      left join policy_assignments a on a.credential_id = c.id
      left join policies p on p.id = a.policy_id and p.archived_at is null
     where c.id = ${credentialId}::uuid`;
  if (row === undefined) {
    return [];
  }
  const { name: subject, open, paused, policy } = row;
  const opened = open
    ? but(`${subject} is being rotated already.`, 'Watch that rotation, and wait until it has ended.')
    : fine;
  const pause =
    paused === null
      ? fine
      : but(
          `${pausedWords[paused]}: the rotation waits until that is over.`,
          'End the pause, or go on and wait.',
        );
  return [
    { check: 'open_rotation', subject, required: true, ...opened },
    { check: 'pause', subject, required: false, ...pause },
    ...(policy === null ? [] : [{ check: 'hours' as const, subject, required: false, ...ofHours(row) }]),
  ];
}
