import type { IssuerCan } from '#connectors/contract.ts';

export const phases = [
  'preflight',
  'await_secret',
  'issue',
  'verify',
  'deliver',
  'confirm',
  'promote',
  'overlap',
  'revoke',
  'prove',
] as const;

export type Phase = (typeof phases)[number];

/** A strategy is the order of its phases. */
export const strategies = {
  overlap: ['preflight', 'issue', 'verify', 'deliver', 'confirm', 'promote', 'overlap', 'revoke', 'prove'],
  'cut-over': ['preflight', 'issue', 'promote', 'deliver', 'confirm', 'verify', 'prove'],
  assisted: ['preflight', 'await_secret', 'promote', 'deliver', 'confirm', 'prove'],
} as const satisfies Record<string, readonly Phase[]>;

export type Strategy = keyof typeof strategies;

/** Follows from what the issuer can do, never from its brand. */
export function chooseStrategy(can: IssuerCan, hasApi: boolean): Strategy {
  if (!hasApi) {
    return 'assisted';
  }
  return can.maxLive > 1 && can.overlap === 'explicit' ? 'overlap' : 'cut-over';
}

/** Why a strategy was chosen, for the person who reads the plan. */
export const whyStrategy: Record<Strategy, string> = {
  overlap:
    'The issuer accepts two secrets at the same time, so the new one is delivered and confirmed while the old one still works.',
  'cut-over':
    'The issuer holds one secret and replaces it at once, so there is a gap from the replacement until every target has the new one.',
  assisted:
    'The issuer has no API. Rekey opens the task, you rotate on the vendor’s page and paste the new secret once; the rest is automatic.',
};

/** From when on a rotation can only go forward. */
export const pointOfNoReturn: Record<Strategy, string> = {
  overlap: 'the end of the overlap, when the old secret is revoked',
  'cut-over': 'the moment the issuer replaces the secret',
  assisted: 'the moment you rotate on the vendor’s page',
};

/** The phase after `phase`; null after the last one. */
export function phaseAfter(strategy: Strategy, phase: Phase): Phase | null {
  const order: readonly Phase[] = strategies[strategy];
  return order[order.indexOf(phase) + 1] ?? null;
}

/** Whether the issuer may have changed something by the time a rotation stands at `phase`. */
export function changesNothingYet(phase: Phase): boolean {
  return phase === 'preflight';
}
