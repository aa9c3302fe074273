import { eitherRole } from '#app/_words/roles.ts';
import { count, levelWord } from '#app/_words/rotation.ts';
import type { Role } from '#core/access/actor.ts';

/** The page of a credential: its head, and what is said above and between its panels. */
export const credentialPage = {
  title: 'Credential',
  list: 'Credentials',
  noOwner: 'no owner',
  owner: (name: string) => `owned by ${name}`,
  rotatingTakes: (roles: readonly Role[]) =>
    `Rotating takes the role ${eitherRole(roles)}; an admin can grant it.`,
  glassBroken: 'The glass was broken in {rotation} of it: {reason} {review} is open.',
  glassRotation: 'a rotation',
  glassReview: 'Its review',
  watch: 'Watch its progress',
  bindFirst: 'Bind a target',
  bindAnother: 'Bind another target',
} as const;

/** The button that opens the rotate sheet. */
export const rotateButton = { rotate: 'Rotate' };

/** The panel of a credential's policy. */
export const policyPanel = {
  title: 'Policy',
  age: (version: number) => `Age of v${version}`,
  none: 'No policy: this credential is rotated when somebody clicks Rotate.',
  noNext: 'No next rotation is planned.',
  next: 'Next rotation {ago}: {at}',
  following: 'Then {at}',
  choose: 'Choose a policy',
  chooseAnother: 'Choose another policy',
} as const;

/** The panel of a credential's pause. */
export const pausePanel = {
  title: 'Pause',
  what: 'this credential',
  paused: 'Paused: no rotation of this credential starts or goes on.',
  everythingToo: 'Everything is paused, too.',
  issuerToo: (issuer: string) => `The issuer ${issuer} is paused, too.`,
  byEverything: 'Everything is paused, so no rotation of this credential starts or goes on.',
  byIssuer: (issuer: string) =>
    `The issuer ${issuer} is paused, so no rotation of this credential starts or goes on.`,
  notPaused: 'Not paused.',
};

/** The panel of what a comparison with the outside found. */
export const findingsPanel = {
  title: 'Findings',
  finding: 'Finding',
  ignored: 'Left as it is',
  found: 'found {ago}',
  whatToDo:
    'Rekey changed nothing there. Rotating replaces what is in use everywhere; leaving it keeps this out of what needs attention until something else is found.',
  replace: 'Replace it by a rotation…',
} as const;

/** The question before a finding is left as it is. */
export const ignoreFinding = {
  open: 'Ignore…',
  why: 'Why is it left as it is?',
  ignore: 'Ignore this finding',
  storing: 'Storing…',
};

/** A version's state. */
export const versionStateWords: Record<string, string> = {
  pending: 'Pending',
  current: 'Current',
  previous: 'Previous',
  revoked: 'Revoked',
  discarded: 'Discarded',
};

/** The panel of a credential's versions. */
export const versionsPanel = {
  title: 'Versions',
  stopsWorking: 'Stops working',
  ended: 'Ended',
  provenDead: 'Proven dead',
  heldBy: 'Held by',
  notConfirmed: (target: string) => `${target}, not confirmed`,
  fingerprint: 'Fingerprint',
  hint: (hint: string) => `hint ${hint}`,
  created: 'Created',
  promoted: 'Promoted',
  seenInUse: 'Seen in use',
};

/** The panel of a credential's targets. */
export const targetsPanel = {
  title: 'Targets',
  none: 'No target is bound: a rotation would deliver the new secret nowhere.',
  table: 'Targets and the version each holds',
  target: 'Target',
  notDelivered: 'not delivered',
  hadIt: 'Had it',
  required: (needs: string) => `required, needs ${levelWord(needs).toLowerCase()}`,
  bestEffort: (needs: string) => `best effort, needs ${levelWord(needs).toLowerCase()}`,
  readsNext: 'The application uses NEXT when the current value is refused.',
  canary: 'Canary: it is delivered to first.',
  waits: 'Targets can be changed and unbound once the open rotation has ended.',
};

/** The panel of a binding that consumers fetch from. */
export const fetchesPanel = {
  title: (target: string) => `Fetched from ${target}`,
  serves: (version: number) => `serves v${version}`,
  servesNext: (version: number, next: number) => `serves v${version}, NEXT v${next}`,
  nobody: 'Nobody may fetch yet, and a rotation would be held: an admin allows an API client.',
  table: (target: string) => `Consumers that fetch from ${target}`,
  client: 'API client',
  fetched: 'Fetched last',
  notFetched: 'not yet',
  reported: 'Reported last',
  notReported: 'nothing',
  change: 'Change',
  revoked: 'Revoked',
};

/** The form that lets one more API client fetch. */
export const allowConsumer = {
  label: 'Let an API client fetch',
  hint: 'It gets the values of this binding and nothing else by that. Rotations wait for it from then on.',
  everyClientMay: 'Every API client may fetch here. Make another one in Developer tools.',
  allow: 'Allow',
  allowing: 'Allowing…',
};

/** The button that takes the right to fetch away, and the question before. */
export const removeConsumer = {
  open: 'Remove…',
  title: (client: string, target: string) => `Let ${client} fetch no more from ${target}?`,
  about: (client: string, target: string) =>
    `From its next request on, ${client} gets nothing from ${target}. Rotations wait for it no more.`,
  again: 'It can be allowed again.',
  removing: 'Removing…',
};

/** How a consumer fetches, with a shell. */
export const curlFetch = {
  title: 'How to fetch',
  about:
    'With a token of an API client that is allowed. The ETag names the version; with it as If-None-Match the answer waits for another one. Then report which one is used.',
};

/** The panel of what consumers say of themselves. */
export const consumersPanel = {
  title: 'Consumers',
  about: 'as they report, every 2 s',
  asking: 'Asking the consumers…',
  silent: 'Does not answer',
  working: 'Working',
  failing: 'Failing for {time}',
  uses: 'Uses',
  unknown: 'unknown',
  requests: 'Requests',
  failures: 'Failures',
  lastError: 'Last error:',
  noGap: 'No gap since this consumer started.',
  lastGaps: 'Last gaps',
  gap: (length: string, failures: number) => `${length}, ${count(failures, 'failure')}`,
} as const;

/** The panel of a credential's latest rotations. */
export const rotationsPanel = {
  title: 'Rotations',
  none: 'Not rotated yet.',
  rollingBack: 'Rolling back',
  rollingBackHeld: 'Rolling back, held',
  held: 'Held',
  paused: 'Paused',
  about: (strategy: string, gap: string) => `${strategy}, ${gap}`,
  gapMeasured: (gap: string, predicted: number) => `gap ${gap} measured, about ${predicted} s predicted`,
  gapPredicted: (predicted: number) => `gap of about ${predicted} s predicted`,
  gapNotMeasured: 'gap not measured',
  noGapExpected: 'no gap expected',
  noGap: 'no gap',
};

/** The panel of a credential's latest audit events. */
export const historyPanel = {
  title: 'History',
  all: 'All in the audit log',
  choice: 'What the history shows',
  withoutSteps: 'What happened',
  withSteps: 'With every step',
  none: 'The audit log has nothing of it.',
  failed: 'Failed.',
  rollBack: 'Roll back…',
};
