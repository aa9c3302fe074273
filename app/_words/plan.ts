import { count, levelWord } from '#app/_words/rotation.ts';

/* A rotation's plan, as the rotate sheet and an approval show it. */

/** How the credential is rotated. */
export const planStrategy = { title: (strategy: string) => `Strategy: ${strategy}` };

/** What consumers notice. */
export const planGap = {
  title: (gap: string) => `Gap: ${gap}`,
  none: 'Gap: none expected',
  noneAfterBreach: 'The old secret is retired only once every required target has the new one.',
  about:
    'This issuer cannot hold two secrets. From the end of the old secret until every required target has the new one, consumers are refused. The gap is measured.',
};

/** The steps in their order. */
export const planSteps = { title: 'What happens' };

/** What the credential's policy wants beyond the usual. */
export const planWanted = {
  title: 'Its policy',
  toldBy: (names: string) => `Told by ${names}.`,
};

/** From where on the rotation cannot go back. */
export const planPointOfNoReturn = {
  title: 'Point of no return',
  at: (when: string) => `${when.charAt(0).toUpperCase()}${when.slice(1)}.`,
  onceRevoked: 'When the old secret is revoked.',
  onlyForward: 'From there on, the rotation only goes forward.',
};

/** Whom a rotation reaches. */
export const blastRadius = {
  label: 'Blast radius',
  reach: (targets: number, environments: number, redeploys: number) =>
    `Blast radius: ${count(targets, 'target')}, ${count(environments, 'environment')}, ${count(redeploys, 'redeploy')}`,
  noTarget: 'Blast radius: no target',
  nowhere: 'The new secret is delivered nowhere: whoever uses it has to be given it by hand.',
  takenUp: {
    automatic: (method: string) => `${method}; its consumers take it up by themselves.`,
    call: (method: string) => `${method}; needs a redeploy, which Rekey asks for.`,
    none: (method: string) => `${method}; needs a redeploy by somebody else where consumers read it once.`,
  },
  required: (needs: string) => `Waited for until ${levelWord(needs).toLowerCase()}.`,
  bestEffort: 'Best effort: the rotation does not wait for it.',
  neverVerified: 'Never verified yet.',
  verified: 'Last verified: v{version}, {level}, {at}',
} as const;
