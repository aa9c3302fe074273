import { holdSentence } from '#core/rotation/holds.ts';

/*
 * What the members of a batch count as, as SQL over m, a row of batch_members, and r, its rotation, which may be missing.
 * The sweep and the page read these, so that they never differ.
 */

/** Waits for people, and nothing failed. */
const WAITS = `(r.hold = 'approval_pending' or (r.hold is null and r.phase = 'await_secret'))`;

/** Its new version is in use and the old one works until its time comes. */
const OVERLAPS = `(r.phase = 'overlap' and r.direction = 'forward' and r.hold is null)`;

/** How far a member has come. */
export const STANDING = `case
  when m.state = 'skipped' then case when m.why_code = 'unplannable' and not m.excused then 'failed' else 'skipped' end
  when m.state = 'waiting' then 'waiting'
  when r.outcome = 'completed' then 'completed'
  when r.outcome is not null then 'failed'
  when ${WAITS} then 'needs_people'
  when r.hold is not null then 'failed'
  when ${OVERLAPS} then 'overlap'
  else 'working' end`;

/**
 * Whether a member takes one of the places that a batch has. Only one that is at work does: a rotation in its overlap has nothing
 * to do for hours, and one that waits for people, or until it is let go on, would keep all others waiting too.
 */
export const TAKES_PLACE = `(${STANDING} = 'working' and (is_paused(m.credential_id) is null or goes_on_in_pause(r)))`;

export type Standing =
  | 'waiting'
  | 'working'
  | 'needs_people'
  | 'overlap'
  | 'completed'
  | 'failed'
  | 'skipped';

/** Its rotation is not over. */
export const OPEN = `(m.state = 'started' and r.outcome is null)`;

/** Why a credential was not rotated by a batch, as it is told afterwards. */
export const refusals = {
  paused: 'It was paused when the batch was started, or its issuer was, or everything.',
  rotation_open: 'It was being rotated already.',
  in_batch: 'It waited in another batch that ran.',
  rotated_meanwhile: 'It was rotated by somebody else after the batch was started.',
  archived: 'It was archived after the batch was started.',
  unplannable: 'Its rotation cannot be planned: the issuer or a target cannot be read. The log says more.',
} as const;

export type Refusal = keyof typeof refusals;

/** Why a member is where it is, where that needs saying. */
export function whySentence(row: {
  why_code: string | null;
  outcome: string | null;
  hold: string | null;
  hold_detail: string | null;
}): string | null {
  if (row.why_code !== null) {
    return row.why_code in refusals ? refusals[row.why_code as Refusal] : row.why_code;
  }
  if (row.hold !== null && row.outcome === null) {
    return [holdSentence(row.hold), row.hold_detail].filter((part) => part !== null).join(' ');
  }
  switch (row.outcome) {
    case 'rolled_back':
      return 'Its rotation was rolled back: the old secret is in use.';
    case 'cancelled':
      return 'Its rotation was cancelled before it changed anything.';
    case 'abandoned':
      return 'Its rotation was abandoned: nothing was taken back, and its last event says what may work where.';
    case 'superseded':
      return 'Its rotation was ended by another one because of a breach.';
    default:
      return null;
  }
}
