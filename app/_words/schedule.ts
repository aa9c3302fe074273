/** That a policy is off, wherever one is chosen or shown. */
export const policyOff = {
  said: 'The policy is off: nothing rotates by it until it is switched on.',
  choice: (policy: string) => `${policy} (off: nothing rotates by it)`,
} as const;

/** The page where a credential gets a policy. */
export const schedulePage = {
  title: 'Schedule',
  heading: (credential: string) => `Schedule ${credential}`,
  noPolicy: 'It has no policy: it rotates only when somebody asks for it.',
  policy: (policy: string) => `It has the policy ${policy}.`,
  policyOff: (policy: string) => `It has the policy ${policy}, which is off.`,
  policyNext: 'It has the policy {policy} and rotates next on {at}.',
  act: 'give a credential a policy',
  none: 'There are no policies yet.',
  addFirst: 'A policy says when credentials rotate. {add} first.',
  add: 'Add a policy',
} as const;

/** The form that gives a credential one of the policies. */
export const scheduleForm = {
  policy: 'Policy',
  isCurrent: 'its policy now',
  nextSlot: 'Next slot: {at}',
  first: 'First rotation',
  firstAbout: 'The policy’s window and blackouts count for it too.',
  give: 'Give it this policy',
  noNext: (credential: string) =>
    `${credential} has the policy, and no next rotation now: the policy lets nothing start for a year.`,
  isOff: (credential: string) => `${credential} has the policy.`,
  rotatesFirst: '{credential} rotates first on {at}. Nothing rotates before.',
  back: (credential: string) => `Back to ${credential}`,
} as const;

/** The panel that moves the next rotation of one credential. */
export const moveNextRun = {
  title: 'Next rotation',
  about: 'Now on {at}. Moved, it takes the place of that slot; the policy’s other credentials keep theirs.',
  moveTo: 'Move it to',
  moveToHint: 'By the clock of this browser.',
  move: 'Move the next rotation',
  moved: 'The next rotation is moved.',
} as const;

/** The button that takes a credential from its policy. */
export const unassignPolicy = {
  take: (policy: string) => `Take it from the policy ${policy}`,
};
