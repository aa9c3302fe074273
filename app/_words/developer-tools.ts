import { count } from '#app/_words/rotation.ts';

/* API clients: the programs that use Rekey's own API. `as const` lets `fill` check the places of a sentence. */

/** The list of API clients. */
export const developerTools = {
  title: 'Developer tools',
  about:
    "API clients: programs that use Rekey's own API, with access tokens they get for a secret or a key. What they can ask for is in the {reference}. Programs that are told what happens here are {webhooks}.",
  reference: 'API reference',
  webhooks: 'webhook endpoints',
  add: 'Add a client',
  noneYet: 'No program uses the API yet.',
  noneYetAbout:
    'An API client gets an id and a secret, and with them access tokens that live for ten minutes.',
  list: 'API clients',
  revoked: 'Revoked',
  ownKey: 'a key of its own',
  secrets: (n: number) => count(n, 'secret'),
} as const;

/** When a client, or one of its secrets, was used. */
export const lastUse = {
  never: 'never used',
  last: 'last used {when}',
} as const;

/** The page that adds a client. */
export const newClient = {
  title: 'Add an API client',
  about: 'For one program. Each has its own, so that one can be rotated or revoked without the others.',
  act: 'add an API client',
};

/** The form that adds a client. */
export const clientForm = {
  nameHint: 'What people know the program by.',
  role: 'Role',
  roleHint: 'What it may do, as for people: viewers look, operators rotate, admins do everything.',
  howItSignsIn: 'How it signs in',
  ways: {
    secret: { label: 'With a secret', about: 'Rekey makes it and shows it once.' },
    key: {
      label: 'With a key of its own (private_key_jwt)',
      about: 'The better way where the program can: there is no secret that could leak.',
    },
  },
  publicKeys: 'Public keys (JWKS)',
  publicKeysHint: 'The public part only: { "keys": [ { "kty": "EC", … } ] }.',
  adding: 'Adding…',
  add: 'Add the client',
  made: 'The new client',
  openIt: 'Open the client, with an example',
};

/** What is wrong with a key set that was pasted. */
export const keySet = {
  notJson: 'The key set is not JSON. Nothing was changed.',
  pasteOne: 'Paste a key set: { "keys": [ … ] }.',
};

/** The page of one client. */
export const clientPage = {
  title: 'API client',
  added: 'added {when} by {who}',
  revoked: 'Revoked {when}. Its secrets and access tokens are refused.',
  rotatedByRekey:
    'Rekey rotates this client itself and delivers its secret: see the credential {credential}.',
  publicKeys: 'Public keys',
  publicKeysAbout: (ids: string) =>
    `It signs in with a key of its own (private_key_jwt) and has no secret. Known keys: ${ids}.`,
  secrets: 'Secrets',
  clientId: 'Client ID',
} as const;

/** One secret of a client. The secret itself is named for screen readers only. */
export const secretLine = {
  made: 'made {when}',
  ended: 'Ended {when}',
  works: 'Works',
  worksUntil: 'Works until {when}',
  end: 'End{secret}',
  reallyEnd: 'Really end it now{secret}',
  ending: 'Ending…{secret}',
  theSecret: (hint: string) => `the secret …${hint}`,
} as const;

/** The form that gives a client another name, role or limits. */
export const changeClient = {
  title: 'Name, role and limits',
  role: 'Role',
  saved: 'Saved. It counts from the next call on.',
};

/** The form that revokes a client. */
export const revokeClient = {
  title: 'Revoke this client',
  about: 'Its secrets and its access tokens are refused from the next request on. This cannot be undone.',
  typeName: (name: string) => `Type ${name} to revoke it`,
  revoking: 'Revoking…',
  revoke: 'Revoke',
};

/** The button that opens the sheet below. */
export const rotateSecret = {
  rotate: 'Rotate',
};

/** The side sheet that rotates the secret of a client. */
export const rotateSecretSheet = {
  title: (name: string) => `Rotate the secret of ${name}`,
  titleRotated: (name: string) => `${name} has a new secret`,
  about: 'A new secret is made and shown once. Put it where the program reads it; in the overlap both work.',
  overlap: 'Overlap',
  overlapAbout: 'How long the secret in use now keeps working.',
  until: (end: string) => `until ${end}`,
  none: 'None: end it at once',
  noneWhen: 'for a secret in the wrong hands',
  atOnce:
    'The secret in use is refused from the next request for a token on. This is immediate and cannot be reverted: the program fails until it has the new one. Access tokens that are out live on for ten minutes at most.',
  typeName: (name: string) => `Type ${name} to end its secret at once`,
  rotating: 'Rotating…',
  rotateAtOnce: 'Rotate and end the old one',
  rotate: 'Rotate',
  copied: 'I have copied it',
};

/** A secret that is shown this once. */
export const shownOnce = {
  about:
    'This is the only time the secret is shown. Copy it to where the program reads it before you leave; Rekey keeps a hash of it and cannot show it again.',
  clientId: 'Client ID',
  clientSecret: 'Client secret',
};

/** Why a secret is not shown. */
export const notShown = {
  foreignPage: 'A secret is shown to a page of this Rekey only.',
  outOfDate: 'This page is out of date. Reload it; nothing was changed.',
};

/** A value with a button that copies it. What is copied is named for screen readers only. */
export const copyField = {
  copy: 'Copy{what}',
  byHand: 'Select it and copy it by hand',
} as const;

/** How a program gets a token and uses it. */
export const curlExample = {
  title: 'Get a token and use it',
  about: 'Any OAuth 2.0 client library finds what it needs at {address}. By hand:',
} as const;
