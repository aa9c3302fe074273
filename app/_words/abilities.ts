import type { IssuerKind } from '#core/issuers/list-issuer-kinds.ts';
import type { TargetKind } from '#core/targets/list-target-kinds.ts';

/** Said of a kind of which nothing is known before it is filled in. */
const dependsOnEntered = 'Depends on what is entered';

/** What an issuer's kind can do, in a few words each. */
export function issuerAbilities({ can, hasApi }: Pick<IssuerKind, 'can' | 'hasApi'>): string[] {
  if (!hasApi) {
    return ['A person rotates, Rekey does the rest'];
  }
  if (can === null) {
    return [dependsOnEntered];
  }
  return [
    can.maxLive > 1 ? 'Several secrets at once' : 'One secret at a time',
    ...(can.chosenValue ? ['Takes a value we choose'] : []),
    ...(can.list ? ['Lists its secrets'] : []),
    ...(can.readBack ? ['Secrets can be read back'] : []),
    ...(can.usageSignal ? ['Reports last use'] : []),
    ...(can.expiry ? ['Secrets can expire'] : []),
  ];
}

const readBackWords = {
  value: 'Proves what it holds',
  digest: 'Proves what it holds',
  fetched: 'Sees what consumers fetched',
  none: 'Cannot be read back',
};

/** What a target's kind can do, in a few words each. */
export function targetAbilities({ can }: Pick<TargetKind, 'can'>): string[] {
  if (can === null) {
    return [dependsOnEntered];
  }
  return [
    readBackWords[can.readBack],
    ...(can.redeploy === 'call' ? ['Redeploys consumers'] : []),
    ...(can.redeploy === 'automatic' ? ['Consumers notice by themselves'] : []),
    ...(can.holdsNext ? ['Holds the next secret beside'] : []),
  ];
}

/** The confirmation levels that a target of this kind can see reached by itself, the lowest first. */
export function provableLevels({
  can,
}: Pick<TargetKind, 'can'>): ('accepted' | 'read_back' | 'redeployed' | 'adopted')[] {
  return [
    'accepted',
    ...(can !== null && can.readBack === 'none' ? [] : ['read_back' as const]),
    ...(can?.redeploy === 'call' ? ['redeployed' as const] : []),
    ...(can?.readBack === 'fetched' ? ['adopted' as const] : []),
  ];
}
