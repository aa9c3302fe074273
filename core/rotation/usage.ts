import type { IssuerCan } from '#connectors/contract.ts';
import type { Situation } from '#core/rotation/situation.ts';

/*
 * What is known of who uses which version during an overlap. Pure: it is looked at from outside by
 * perform/look-at-use.ts, and what was seen are facts of the situation.
 */

/** How often it is looked whether the new version is in use, while the end of the overlap waits for that. */
export const LOOK_SECONDS = 60;

/** For so long after the promotion consumers that have not taken the new one up yet are nothing to be told of. */
const SETTLE_SECONDS = 300;

interface Seeing {
  can: Pick<IssuerCan, 'usageSignal' | 'list'>;
  bindings: readonly { required: boolean; reports: boolean }[];
}

const issuerTells = ({ can }: Seeing) => can.usageSignal && can.list;

/** Whether every required consumer says which version it uses, so that "all of them use it" can be known. */
export function allReport({ bindings }: Pick<Seeing, 'bindings'>): boolean {
  const required = bindings.filter((binding) => binding.required);
  return required.length > 0 && required.every((binding) => binding.reports);
}

/** Whether it can be proven that the new version is in use. */
export const seesNewUse = (seeing: Seeing): boolean => allReport(seeing) || issuerTells(seeing);

/** Whether it could be noticed that the old version still is. */
export const seesOldUse = (seeing: Seeing): boolean =>
  issuerTells(seeing) || seeing.bindings.some(({ reports }) => reports);

/** Uses of the old version until then are those of consumers that were about to go over. Of what is left of an overlap half. */
function settledAt({ phaseAt, overlapEndsAt }: Situation): Date {
  const left = overlapEndsAt === null ? 0 : Math.max(0, overlapEndsAt.getTime() - phaseAt.getTime());
  return new Date(phaseAt.getTime() + Math.min(SETTLE_SECONDS * 1000, left / 2));
}

/**
 * Whether the old version was used since the promotion, or since the overlap was extended because of that. Where no overlap
 * was wanted nobody is asked: who chose that said so.
 */
export function isOldInUse(situation: Situation): boolean {
  const { oldSeenAt } = situation;
  return guardsOldUse(situation) && oldSeenAt !== null && oldSeenAt > settledAt(situation);
}

/** Whether the end of the overlap first looks for uses of the old version. An issuer that ends it by itself does not wait. */
export function guardsOldUse(situation: Situation): boolean {
  const { strategy, direction, graceSeconds } = situation;
  return strategy === 'overlap' && direction === 'forward' && graceSeconds > 0 && seesOldUse(situation);
}

/** Whether the end of the overlap still depends on the new version being seen in use. */
export function awaitsUse(situation: Situation): boolean {
  const { direction, graceAfterUseSeconds, newSeenAt, strategy } = situation;
  return (
    strategy === 'overlap' &&
    direction === 'forward' &&
    graceAfterUseSeconds !== null &&
    newSeenAt === null &&
    seesNewUse(situation)
  );
}

/** Where the overlap ends now that the new version was seen in use; null where that changes nothing. */
export function endAfterUse({ graceAfterUseSeconds, newSeenAt, overlapEndsAt }: Situation): Date | null {
  if (graceAfterUseSeconds === null || newSeenAt === null || overlapEndsAt === null) {
    return null;
  }
  const end = new Date(newSeenAt.getTime() + graceAfterUseSeconds * 1000);
  // Never later: the longest end was promised.
  return end < overlapEndsAt ? end : null;
}
