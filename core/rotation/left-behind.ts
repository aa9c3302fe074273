import { reaches } from '#core/outside/levels.ts';
import { incoming, issueBegun, levelOf, type Situation, touched } from '#core/rotation/situation.ts';

/** What a rotation leaves outside that ends as it stands, by the numbers of versions. */
export interface Left {
  /** They may still work at the issuer. */
  atIssuer: number[];
  /** What each target may hold: more than one where nobody knows which. */
  atTargets: { target: string; versions: number[] }[];
}

/** Versions that were issued and that nobody has seen end. */
function mayWork(situation: Situation): number[] {
  const { from, to, leftovers, now } = situation;
  const made = to !== null && (to.state !== 'pending' || issueBegun(situation));
  return [...leftovers, from, made ? to : null]
    .filter((version) => version !== null)
    .filter(({ state, revokedAt, endsAt }) => {
      const isOver = revokedAt !== null || (endsAt !== null && endsAt <= now);
      return state !== 'revoked' && !isOver;
    })
    .map(({ n }) => n)
    .toSorted((a, b) => a - b);
}

function mayHold(situation: Situation, bindingId: string): number[] {
  const { from, to } = situation;
  const level = levelOf(situation, bindingId);
  const isSure = level !== null && reaches(level, 'read_back');
  const candidates = isSure
    ? [incoming(situation)]
    : [from, touched(situation, bindingId, 'primary') ? to : null];
  return candidates.flatMap((version) => (version === null ? [] : [version.n]));
}

/** Pure: what may still live where. */
export const leftBehind = (situation: Situation): Left => ({
  atIssuer: mayWork(situation),
  atTargets: situation.bindings.map(({ id, targetName }) => ({
    target: targetName,
    versions: mayHold(situation, id),
  })),
});
