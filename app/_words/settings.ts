import { count } from '#app/_words/rotation.ts';

/* The settings: who may sign in and how, and what runs here. */

/** The parts of the settings, above each of them. */
export const settingsTabs = {
  title: 'Settings',
  users: 'Users',
  sessions: 'Sessions',
  singleSignOn: 'Single sign-on',
  account: 'Your account',
  about: 'About',
  afterRestore: 'After a restore',
};

/** The page of the users. */
export const usersPage = {
  title: 'Users',
  about: 'Who may sign in, and what they may do.',
  list: 'Users',
};

/** One user in the list. `{who}` and `{whose}` are read out only. */
export const userLine = {
  you: '(you)',
  invited: 'invited, has not chosen a password yet',
  neverSeen: 'was never here',
  lastSeen: 'last seen {at}',
  disabled: 'disabled',
  secondFactor: 'second factor',
  roleOf: (name: string) => `Role of ${name}`,
  resetSecondFactor: 'Reset second factor{whose}',
  whose: (name: string) => ` of ${name}`,
  newLink: 'New link{who}',
  forWhom: (name: string) => ` for ${name}`,
  enable: 'Enable{who}',
  disable: 'Disable{who}',
  reallyDisable: 'Really disable{who}',
  who: (name: string) => ` ${name}`,
} as const;

/** Letting somebody come with another identity. `{whom}` is read out only. */
export const allowIdentity = {
  allow: 'Allow a new identity{whom}',
  reallyAllow: 'Really allow a new identity{whom}',
  forWhom: (name: string) => ` for ${name}`,
  allowed:
    'Until {until} the next single sign-on with {email}, which it has to call verified, is this user, once. From then on it is their only way in: an identity or a password of before works no longer, and their sessions end.',
} as const;

/** Which credentials a user sees and works with. `{whose}` is read out only. */
export const userLimits = {
  open: 'Limits{whose}',
  whose: (name: string) => ` of ${name}`,
  save: 'Save the limits',
} as const;

/** The form that invites somebody. */
export const inviteForm = {
  title: 'Invite somebody',
  email: 'E-mail',
  nameHint: 'The e-mail where it is left empty.',
  role: 'Role',
  invite: 'Invite',
  inviting: 'Inviting…',
  noAnswer: 'Rekey does not answer. Look at the list, then try again.',
};

/** The link that somebody chooses a password with. */
export const inviteLink = {
  give: (email: string) =>
    `Give this link to ${email}. It is shown once, lets them choose a password once, and ends after 24 hours.`,
  giveAgain: (email: string) =>
    `Give this link to ${email}. It is shown once, lets them choose another password once, and ends after 24 hours; links of before work no longer. The password they have works until then, and then their sessions end.`,
  copy: 'Copy the link',
};

/** Whether everybody must have a second factor. */
export const secondFactorRule = {
  title: 'Second factor',
  about:
    'Where it is required, who has none is sent to set one up and can do nothing else before. Who comes through the single sign-on is exempt, because their identity provider asks for its own factors; API clients are not concerned.',
  optional: 'Optional: everybody decides for themselves.',
  required: 'Required of everybody since {at}, by {by}.',
  without: (users: number) => `${count(users, 'user')} with a password ${users === 1 ? 'has' : 'have'} none.`,
  makeOptional: 'Make it optional',
  require: 'Require it of everybody',
} as const;

/** The page of the sessions. */
export const sessionsPage = {
  title: 'Sessions',
  about:
    'Where you are signed in. A session ends after an hour without a request, and after twelve hours. What is ended here ends at once.',
  yours: 'Yours',
  ofOthers: 'Of others',
  endOthers: 'End all others',
};

/** One session in the list. `{which}` is read out only. */
export const sessionLine = {
  thisOne: '(this one)',
  told: 'from {address} · signed in {since} · last seen {seen}',
  toldWithoutAddress: 'from an unknown address · signed in {since} · last seen {seen}',
  end: 'End{which}',
  which: (session: string) => ` the session of ${session}`,
} as const;

/** The page of the single sign-on. */
export const singleSignOnPage = {
  title: 'Single sign-on',
  about:
    'People come with an account of your identity provider. Their groups there decide about their role at each sign-in.',
  act: 'see how people sign in',
  off: 'Off',
  on: 'On',
  turnOn:
    'Set {issuer}, {clientId} and {clientSecret} where the web process is started, as docs/configuration.md describes.',
  issuer: 'Issuer',
  client: 'Client',
  redirect: 'Redirect address',
  claim: 'Groups come from the claim',
  roles: 'Roles, the first that fits',
  noRoles: 'none, so nobody gets in',
  everybody: 'everybody',
} as const;

/** The page of one's own account. */
export const accountPage = {
  title: 'Your account',
  wanted: 'Everybody here must have a second factor. Add an authenticator; everything else waits for it.',
  secondFactor: 'Second factor',
  password: 'Password',
};

/** The form that changes one's own password. */
export const passwordForm = {
  password: 'New password',
  hint: 'At least 12 characters. Your other sessions end.',
  change: 'Change the password',
  changing: 'Changing…',
  changed: 'Your password is changed, and your other sessions have ended.',
};

/** Adding and removing one's own second factor. */
export const ownSecondFactor = {
  about:
    'With an authenticator on your phone, your password alone lets nobody in. It is also asked for in place of your password where an action needs it.',
  aboutBesideSignOn:
    'With an authenticator on your phone, an action that needs it asks for its code; without one you sign in again for it.',
  add: 'Add an authenticator',
  goOn: 'I kept them: go on',
  on: (left: number) => `On. ${left} of 10 recovery codes ${left === 1 ? 'is' : 'are'} left.`,
  onWithFew: (left: number) =>
    `On. ${left} of 10 recovery codes ${left === 1 ? 'is' : 'are'} left; remove it and add it again for new ones.`,
  remove: 'Remove the second factor',
};

/** The form that adds an authenticator. */
export const enrolForm = {
  qrCode: 'QR code for your authenticator; the key beside it says the same',
  scan: 'Scan this with your authenticator, or enter the key there:',
  code: 'Code that it shows',
  turnOn: 'Turn it on',
};

/** The recovery codes, shown once. */
export const recoveryCodes = {
  label: 'Recovery codes',
  keep: 'From now on signing in takes a code. Keep these recovery codes where you find them without your phone: each stands in for a code once, and they are not shown again.',
};

/** The page about this Rekey. */
export const aboutPage = {
  title: 'About',
  about: 'What runs here.',
  facts: 'This Rekey',
  version: 'Version',
  licence: 'Licence',
  licenceName: 'Apache-2.0',
  address: 'Address',
  queue: 'Queue',
  postgres: 'PostgreSQL',
  redis: 'Redis',
  node: 'Node.js',
  sealingKey: 'Key that seals',
};

/** The page after a restore. */
export const afterRestorePage = {
  title: 'After a restore',
  about:
    'A database that came out of a backup, or is a copy, starts at rest: what it takes for current may be dead.',
  nothingToDo: 'This database was not restored, or goes on again. There is nothing to do here.',
  notCompared:
    'Issuers and targets were not compared yet. Run {command} on the server; what it finds stands here then.',
  command: 'rekey resume --after-restore',
  found: 'What was found',
  compared: 'compared {at}',
  same: 'As stored',
  imported: 'Newer, imported',
  unproven: 'Stays paused',
  notSeen:
    'No comparison sees these. The installation that this one was made from must be stopped, or both rotate the same secrets. What was revoked after the backup is back: look at users and API clients.',
} as const;

/** What lets everything go on after a restore. */
export const resumeAfterRestore = {
  goOn: 'I have read this: let everything go on',
};
