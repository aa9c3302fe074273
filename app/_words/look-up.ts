/** The page that says whose a value is. */
export const lookUpPage = {
  title: 'Look up a value',
  above: 'Credentials',
  about: 'A secret turned up where it should not be? Paste it, or the lines around it, and see whose it is.',
  act: 'look up a value',
} as const;

/** The form that takes the value. */
export const lookUpForm = {
  value: 'Value',
  valueAbout:
    'It is compared by its fingerprint, and neither stored nor logged. That you looked is in the audit log.',
  submit: 'Look up',
  looking: 'Looking…',
} as const;

/** What was found of it. */
export const lookUpAnswer = {
  title: 'What it is',
  nothing:
    'Nothing in this text is a secret of a credential here. Where a secret may stand in the midst of other letters, paste it alone.',
  version: (credential: string, version: number) => `${credential}, version ${version}`,
  live: 'Still works',
  dead: 'Does not work any more',
  unknown: 'Not known whether it works',
  archived: (issuer: string) =>
    `It is of a credential that was archived, so Rekey cannot rotate it. If it may still work, revoke it at ${issuer}.`,
  events: 'See its events',
  open: 'Open',
  openToRotate: 'Open to rotate it without an overlap',
} as const;

/** What the route refuses. */
export const lookUpRefusals = {
  nothingPasted: 'Paste a value first.',
} as const;
