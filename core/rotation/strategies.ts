import type { IssuerCan, TargetCan } from '#connectors/contract.ts';

export const phases = [
  'preflight',
  'clear',
  'deliver_next',
  'confirm_next',
  'await_secret',
  'issue',
  'verify',
  'deliver',
  'redeploy',
  'confirm',
  'promote',
  'overlap',
  'revoke',
  'prove',
  'remove_next',
] as const;

export type Phase = (typeof phases)[number];

/** `back`: the rotation is being rolled back, and the old version is the one that comes in. */
export type Direction = 'forward' | 'back';

const whileBothWork = [
  'preflight',
  'clear',
  'issue',
  'verify',
  'deliver',
  'redeploy',
  'confirm',
  'promote',
  'overlap',
  'revoke',
  'prove',
] as const satisfies readonly Phase[];

const prestaged = [
  'deliver_next',
  'confirm_next',
  'issue',
  'verify',
  'promote',
  'deliver',
  'redeploy',
  'confirm',
  'prove',
  'remove_next',
] as const satisfies readonly Phase[];

const cutOver = [
  'issue',
  'promote',
  'deliver',
  'redeploy',
  'confirm',
  'verify',
  'prove',
] as const satisfies readonly Phase[];

/** A strategy is the order of its phases. A phase that has nothing to do in a rotation is passed over. */
export const strategies = {
  overlap: whileBothWork,
  graced: whileBothWork,
  prestage: ['preflight', ...prestaged],
  'cut-over': ['preflight', ...cutOver],
  assisted: ['preflight', 'await_secret', 'promote', 'deliver', 'redeploy', 'confirm', 'prove'],
} as const satisfies Record<string, readonly Phase[]>;

export type Strategy = keyof typeof strategies;

const backWhileBothWork = [
  'verify',
  'deliver',
  'redeploy',
  'confirm',
  'promote',
  'revoke',
  'prove',
] as const satisfies readonly Phase[];

/**
 * The way back: the same phases with the old version coming in. Where one secret is replaced by another, the old value
 * is set again. Assisted rotations have none: only a person can change the secret at the vendor.
 */
export const backPhases = {
  overlap: backWhileBothWork,
  graced: backWhileBothWork,
  prestage: prestaged,
  'cut-over': cutOver,
  assisted: [],
} as const satisfies Record<Strategy, readonly Phase[]>;

/** The phases of a rotation in their order. */
export function phasesOf(strategy: Strategy, direction: Direction): readonly Phase[] {
  return direction === 'forward' ? strategies[strategy] : backPhases[strategy];
}

/** A target whose consumers find NEXT by themselves. One that must be redeployed would read it too late. */
export const canPrestage = ({ holdsNext, redeploy }: Pick<TargetCan, 'holdsNext' | 'redeploy'>) =>
  holdsNext && redeploy !== 'call';

/** Follows from what the issuer can do and how the consumers read, never from the brand. */
export function chooseStrategy(
  can: IssuerCan,
  hasApi: boolean,
  bindings: readonly { required: boolean; readsNext: boolean }[],
): Strategy {
  if (!hasApi) {
    return 'assisted';
  }
  if (can.maxLive > 1 && can.overlap !== 'none') {
    return can.overlap === 'graced' ? 'graced' : 'overlap';
  }
  const required = bindings.filter((binding) => binding.required);
  const allReadNext = required.length > 0 && required.every((binding) => binding.readsNext);
  return can.chosenValue && allReadNext ? 'prestage' : 'cut-over';
}

/** Whether the strategy promises that no consumer is ever without a secret that works. */
export const promisesNoGap: Record<Strategy, boolean> = {
  overlap: true,
  graced: true,
  prestage: true,
  'cut-over': false,
  assisted: false,
};

/** Why a strategy was chosen, for the person who reads the plan. */
export const whyStrategy: Record<Strategy, string> = {
  overlap:
    'The issuer accepts two secrets at the same time, so the new one is delivered and confirmed while the old one still works.',
  graced:
    'The issuer accepts two secrets and ends the old one by itself at a time that is set when the new one is issued, so the new one is delivered and confirmed before.',
  prestage:
    'The issuer holds one secret and takes a value that Rekey chooses. Every required consumer reads NEXT, so the new value lies there before the issuer takes it.',
  'cut-over':
    'The issuer holds one secret and replaces it at once, so there is a gap from the replacement until every target has the new one.',
  assisted:
    'The issuer has no API. Rekey opens the task, you rotate on the vendor’s page and paste the new secret once; the rest is automatic.',
};

/** From when on a rotation can only go forward. */
export function pointOfNoReturn(strategy: Strategy, can: Pick<IssuerCan, 'chosenValue' | 'wayBack'>): string {
  switch (strategy) {
    case 'overlap':
      return 'the end of the overlap, when the old secret is revoked';
    case 'graced':
      return can.wayBack === 'none'
        ? 'the moment the issuer issues the new secret: it can end the previous one only'
        : 'the end of the old secret, at the time set when the new one is issued';
    case 'prestage':
      return 'the completion: until then the old value can be set again';
    case 'cut-over':
      return can.chosenValue
        ? 'the completion: until then the old value can be set again'
        : 'the moment the issuer replaces the secret';
    case 'assisted':
      return 'the moment you rotate on the vendor’s page';
  }
}
