/** The list of policies, and the pause below it. */
export const policyList = {
  title: 'Policies',
  about: 'When credentials rotate by themselves, and how long their old version is kept.',
  add: 'Add policy',
  off: 'Off',
  noneYet: 'There are no policies yet.',
  withoutOne:
    'Without a policy a credential rotates only when somebody asks for it. Add a policy, then give it to credentials on their own pages.',
  pauseTitle: 'Pause everything',
  pauseAbout:
    'For an incident or a freeze: no rotation of any credential starts or goes on, whatever the policies say.',
};

/** The page that adds a policy. */
export const newPolicy = {
  title: 'Add a policy',
  about: 'It touches no credential until you give it to one.',
  act: 'add a policy',
};

const haveIt = (credentials: number) =>
  credentials === 1 ? '1 credential has it.' : `${credentials} credentials have it.`;

/** The page of one policy. */
export const policyPage = {
  title: 'Change a policy',
  about: ({ credentials, enabled }: { credentials: number; enabled: boolean }) =>
    [
      haveIt(credentials),
      ...(enabled ? [] : ['It is off.']),
      'A change counts for all of them, from their next slot on; none rotates at once for it.',
    ].join(' '),
  act: 'change a policy',
};

/** Which credentials have a policy. */
export const policyCredentials = {
  title: 'Credentials',
  none: 'No credential has it.',
  more: (credentials: number) => `and ${credentials} more`,
};

/** Switching a policy on and off. */
export const policySwitch = {
  titleOn: 'Switch off or archive',
  titleOff: 'Switch on or archive',
  aboutOff: 'It is off: none of its credentials rotates by it. When shall they rotate first?',
  switchOn: 'Switch on',
  aboutOn: 'Off, its credentials keep it and none rotates by it. What is open goes on.',
  switchOff: 'Switch off',
};

function losing(credentials: number): string {
  if (credentials === 0) {
    return 'No credential has it.';
  }
  return credentials === 1
    ? '1 credential loses it, and rotates only when somebody asks for it.'
    : `${credentials} credentials lose it, and rotate only when somebody asks for it.`;
}

/** Taking a policy away. */
export const policyArchive = {
  ask: 'Archive…',
  about: (credentials: number) =>
    `${losing(credentials)} An archived policy does not come back, and its name is not used again.`,
  confirm: (name: string) => `Archive ${name}`,
  keep: 'Keep it',
};

/** The form of a policy, but for its parts that have objects of their own. */
export const policyForm = {
  add: 'Add policy',
  saveForAll: 'Save for all its credentials',
  title: 'Policy',
  nameHint: 'For example: monthly, at night.',
  rhythm: 'When it rotates',
  interval: 'At a fixed distance',
  every: 'Every',
  cron: 'By the calendar',
  rules: 'When it may start',
  rulesAbout:
    'A slot outside of this starts at the next moment that is allowed. Credentials of one slot are spread, so that they do not start all at once.',
  limits: 'Limits',
  limitsAbout: 'They move or skip single slots, within the window and the blackouts.',
  approval: 'Who has to agree',
  approvalAbout:
    'Others than the one who asks read the plan and approve it before anything is changed. A rotation because of a breach waits for nobody.',
  approvals: 'Approvals',
  /** By how many are wanted. */
  approvalChoices: ['None', 'One', 'Two'],
  grace: 'How long the old version is kept',
  graceAbout:
    'Both versions work for this long, where the issuer can hold two. It must be shorter than the time between two slots.',
  gracePeriod: 'Grace period',
  graceAfterUse: 'After it is seen in use',
  graceAfterUseHint:
    'Where the issuer or all consumers say which version is in use, the overlap ends so long after the new one is. The grace period is then the longest it lasts. 0: it always lasts as long.',
};

/** When a policy rotates by the calendar. */
export const cronInputs = {
  cron: 'Cron expression',
  cronHint: 'Minute, hour, day of month, month, day of week.',
  cronExample: '0 3 * * 1',
  timeZone: 'Time zone',
  timeZoneHint: 'Its summer time is kept.',
  timeZoneExample: 'UTC',
};

/** When rotations may start, and how far they are spread. */
export const rulesInputs = {
  windowOnly: 'Start rotations in a maintenance window only',
  window: 'Window',
  from: 'From',
  to: 'To',
  toHint: 'Before From: on the next day.',
  timeZone: 'Time zone',
  blackouts: 'Blackouts',
  blackoutsHint:
    'Days on which nothing starts, one per line: first day, last day, reason. For example: 2026-12-20 2027-01-03 Year end. Days are in UTC; times are written 2026-12-20T18:00+01:00.',
  spread: 'Spread over',
};

/** How far apart rotations start, how old a secret may become, and how long before its end it is replaced. */
export const limitsInputs = {
  spacing: 'Apart at one issuer',
  spacingHint:
    'So long after one scheduled start at an issuer the next one comes there. A slot that would come after its next one is skipped. 0: not kept apart.',
  renewal: 'Before a secret expires',
  renewalHint:
    'Where an issuer’s secrets expire, the next slot is brought forward to so long before. 0: expiry does not matter.',
  age: 'Greatest age',
  ageHint: 'People are told of a secret that is older. 0: never.',
  rotateAtAge: 'Rotate at the greatest age',
  rotateAtAgeHint: 'The next slot is brought forward.',
};

/** How far deliveries are confirmed, how long failures are tried again, and who is told. */
export const moreInputs = {
  title: 'More',
  needs: 'Confirmed at the least',
  needsHint:
    'Every required delivery is confirmed so far before the old secret is retired, also where its target asks for less. A level that a target can never show is refused.',
  asTargetsAsk: 'As each target asks',
  attempts: 'Attempts',
  attemptsHint:
    'A step that fails is tried again with growing waits. After the last attempt the rotation is held and people are told.',
  time: 'Time for all attempts',
  timeHint: 'It is held sooner where they take longer.',
  told: 'Who is told',
  noNotifiers: 'There are no notifiers yet.',
  toldHint:
    'The notifiers that tell of its credentials, each of the kinds of things it tells of. None ticked: all of them.',
};

/** The next slots of a rhythm, below the inputs of the form. */
export const slotPreview = {
  title: 'Preview',
  incomplete: 'The next slots appear here.',
  working: 'Working out the next slots…',
  fromNow: 'As if a credential were given the policy now: it counts from then.',
  clocksChanged: 'clocks have changed',
  neverStarts: 'never starts',
  starts: 'starts {time}',
} as const;

/** What saving a policy would change. */
export const policyChanges = {
  title: 'What changes',
  nothingYet: 'Nothing yet.',
  nothing: 'nothing',
  parts: {
    name: 'Name',
    rhythm: 'Rhythm',
    rules: 'Window and spread',
    blackouts: 'Blackouts',
    limits: 'Limits',
    approvals: 'Approvals',
    needs: 'Confirmation',
    retries: 'Failures',
    told: 'Who is told',
    grace: 'Old version',
  },
  credentials: (credentials: number) =>
    credentials === 1 ? '1 credential has this policy.' : `${credentials} credentials have this policy.`,
  newSlots: 'Their next slots are worked out anew, from now on; none rotates at once for it.',
  movedSlots: 'Their next slots stay, and may start at another time.',
  keptSlots: 'Their next slots stay as they are.',
};
