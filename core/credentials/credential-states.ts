import type { CredentialStateName } from '#core/access/credential-filter.ts';

/*
 * What a list and the overview call the states of a credential, as SQL over the names of FROM. Both read these, so a
 * counter of the overview and the list that it leads to can never differ.
 */

/** c credential, i issuer, v its current version, r its open rotation, a and p its policy. */
export const FROM = `
  from credentials c
  join issuers i on i.id = c.issuer_id
  left join secret_versions v on v.credential_id = c.id and v.state = 'current'
  left join rotations r on r.credential_id = c.id and r.outcome is null
  left join policy_assignments a on a.credential_id = c.id
  left join policies p on p.id = a.policy_id`;

/** Since when its current version is in use. */
export const SINCE = 'coalesce(v.promoted_at, v.created_at)';

/** When its current version stops working: it expires, or a rotation was rolled back to it and its issuer had set its end. */
export const ENDS = 'least(v.expires_at, v.ends_at)';

/** When its policy rotates it next; none where the policy is off, which keeps the time for when it is on again. */
export const NEXT = '(case when p.enabled then a.due_at end)';

/** After how long its policy rotates it, where it does so by an interval; none where the policy is off. */
export const EVERY = '(case when p.enabled then p.interval_seconds end)';

/** Waiting for people is no failure. */
const WAITS = `('approval_pending', 'manual_hold')`;

export const states = {
  /** Its rotation is held because something failed. */
  failing: `(r.hold is not null and r.hold not in ${WAITS})`,
  /** Somebody has to act for its rotation to go on, and nothing failed. */
  waiting: `(r.hold in ${WAITS} or (r.hold is null and r.phase = 'await_secret'))`,
  /**
   * Nothing rotates it, and its policy wants it rotated before now: its time has come and passed, its secret is older
   * than the policy's interval, or a slot was skipped since. A policy that is off wants nothing. Or the secret has ended.
   */
  overdue: `(r.id is null and (
      ${NEXT} < rekey_now() - interval '5 minutes'
      or ${SINCE} < rekey_now() - make_interval(secs => ${EVERY})
      or ${ENDS} <= rekey_now()
      or p.enabled and exists (select 1 from skips s where s.credential_id = c.id and s.slot > ${SINCE}
                    and s.reason <> 'previous_overlap_open')))`,
  /** It is to be rotated, or its secret ends, within seven days. */
  due: `(r.id is null and least(${NEXT}, ${ENDS}) between rekey_now() and rekey_now() + interval '7 days')`,
  overlap: `(r.phase = 'overlap' and r.direction = 'forward' and r.hold is null)`,
  rotating: '(r.id is not null)',
  rolling_back: `(r.direction = 'back')`,
  /** A comparison with the outside found something that nobody has dealt with. */
  drifted: `exists (select 1 from findings f where f.credential_id = c.id and f.cleared_at is null and f.ignored_at is null)`,
  paused: `(c.paused_at is not null or i.paused_at is not null or exists (select 1 from standstill))`,
  unscheduled: '(a.credential_id is null)',
  /** Its secret ends within 30 days, and no policy rotates it; one that its issuer ends may have its successor on the way. */
  expiring: `(a.credential_id is null and (v.expires_at < rekey_now() + interval '30 days'
      or v.ends_at < rekey_now() + interval '30 days' and r.direction is distinct from 'forward'))`,
} as const satisfies Record<CredentialStateName, string>;

/** The state that a list shows of a credential: of several the worst. `rotating` is told by the phase. */
export const WORST = `case
  when ${states.failing} then 'failing'
  when ${states.rolling_back} then 'rolling_back'
  when ${states.waiting} then 'waiting'
  when ${states.overlap} then 'overlap'
  when ${states.rotating} then 'rotating'
  when ${states.overdue} then 'overdue'
  when ${states.drifted} then 'drifted'
  when ${states.paused} then 'paused'
  else 'ok' end`;

export type Worst =
  | 'failing'
  | 'rolling_back'
  | 'waiting'
  | 'overlap'
  | 'rotating'
  | 'overdue'
  | 'drifted'
  | 'paused'
  | 'ok';
