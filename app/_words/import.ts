import { count } from '#app/_words/rotation.ts';

/** The page that takes over a credential, or makes the first value of one. */
export const importPage = {
  title: 'Add a credential',
  above: 'Credentials',
  ask: 'Which issuer makes its secrets?',
  issuers: 'Issuers',
  noIssuer: 'There is no issuer yet.',
  noIssuerAbout: 'A credential belongs to the issuer that makes its secrets. {addIssuer} first.',
  addIssuer: 'Add an issuer',
  from: (issuer: string) => `From ${issuer}`,
  another: 'Choose another issuer',
  pick: 'Pick from what it has',
  byHand: 'Enter a place by hand',
  asking: (issuer: string) => `Asking ${issuer} what it has…`,
  cannotList: 'What it has cannot be listed now, so enter the place of one credential by hand.',
  act: 'add a credential',
} as const;

/** Where credentials belong, and to whom. */
export const belonging = {
  owner: 'Owner',
  ownerAbout: 'Who is asked about it.',
  labels: 'Labels',
  labelsAbout: 'Separated by commas; may be left empty.',
} as const;

/** The secret that is in use at the issuer, however its place is found. */
export const secretInUse = {
  title: 'The secret in use today',
  externalId: 'The issuer’s ID of this secret',
  signingIn: 'Signing in with it…',
} as const;

/** The form for a place that is entered by hand. */
export const importForm = {
  about: 'Nothing rotates. Rekey signs in once with the secret in use, to prove that it works, and seals it.',
  credential: 'Credential',
  nameAbout: 'As your team calls it.',
  place: (issuer: string) => `Its place at ${issuer}`,
  secretAbout: 'It is not shown again, here or anywhere.',
  externalIdAbout: 'Needed only where the issuer holds several secrets: Rekey then names them.',
  externalIdNeeded: (issuer: string) =>
    `${issuer} keeps no list of secrets, so that Rekey must be told what it calls this one to retire it later.`,
  submit: 'Import credential',
  /** Where no other system knows the secret. */
  firstValue: 'The first value',
  sources: { make: 'Rekey makes it', paste: 'Paste the one in use today' },
  makeAbout:
    'Rekey makes a random value and seals it; nobody sees it. Then you choose which systems need it: it is delivered to each as you bind it, and confirmed.',
  create: 'Create credential',
} as const;

/** The form for what is picked from what an issuer has. */
export const pickForm = {
  title: (issuer: string) => `What ${issuer} has`,
  about:
    'Pick what Rekey shall manage. Nothing rotates: it signs in once with each secret in use, to prove that it works, and seals it.',
  belongsOne: 'Where it belongs',
  belongsMany: 'Where they belong',
  submit: (n: number) => `Import ${count(n, 'credential')} — nothing rotates`,
  sending: (at: number, of: number) => `Importing ${at} of ${of}…`,
  done: 'Go to the credentials',
  marks: '* must be filled in',
  lost: 'Rekey does not answer, so it is not known whether it was saved. Look at the list of credentials.',
} as const;

interface Counts {
  shown: number;
  all: number;
  picked: number;
  /** What the issuer has beyond the list. */
  more: number;
}

/** The table of what an issuer has. */
export const pickTable = {
  title: 'What it has',
  filter: 'Filter',
  counts: ({ shown, all, picked, more }: Counts) =>
    more > 0
      ? `${shown} of ${all} shown, ${picked} picked; ${more} more are left out: enter those by hand`
      : `${shown} of ${all} shown, ${picked} picked`,
  pick: 'Pick',
  secrets: 'Live secrets',
  noSecrets: 'Not listed',
  facts: '{age}, {use}',
  made: 'made {when}',
  ageUnknown: 'age unknown',
  lastUsed: 'last used {when}',
  noUse: 'no use known',
  here: 'In Rekey',
  alreadyHere: 'Already here',
  imported: 'Imported',
  notYet: 'Not yet',
  notYetByHand: 'Not yet: enter its place by hand',
  nothing: 'It has nothing that Rekey could manage.',
  nothingFits: 'Nothing has these letters.',
} as const;

/** What is asked of one picked thing, and what became of it. */
export const pickCard = {
  which: 'Which secret is in use?',
  choose: 'Choose…',
  made: (when: string) => `made ${when}`,
  lastUsed: (when: string) => `last used ${when}`,
  sources: { readBack: 'Read it back from the issuer', paste: 'Paste it' },
  secretAbout: 'The one in use today. It is not shown again, here or anywhere.',
  imported: '{name} is imported: its secret works and is sealed. Nothing rotated.',
  marked: 'Nothing was saved. Correct what is marked above.',
  notSaved: (faults: string) => `${faults} Nothing was saved.`,
} as const;
