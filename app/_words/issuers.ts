import { count } from '#app/_words/rotation.ts';

/** The list of issuers. */
export const issuerList = {
  title: 'Issuers',
  about: 'The systems that make secrets and retire them.',
  add: 'Add issuer',
  noneYet: 'There are no issuers yet.',
  whatOneIs:
    'An issuer is a system that mints and revokes secrets, such as the vendor whose API your applications call. Add one, then import its credentials.',
};

/** The page that adds an issuer, and the choice of its kind. */
export const newIssuer = {
  title: 'Add an issuer',
  askKind: 'Which system makes the secrets?',
  kinds: 'Kinds of issuers',
  act: 'add an issuer',
};

/** What an issuer of one kind needs to be told. */
export const issuerForm = {
  title: 'Issuer',
  about: 'Rekey asks nothing yet: an issuer is checked when its first credential is added.',
  aboutWithSecret:
    'Rekey asks nothing yet: an issuer is checked when its first credential is added. What is entered as a secret is sealed and never shown again.',
  submit: 'Add issuer',
};

/** The question before an issuer is archived. */
export const archiveIssuer = {
  open: 'Archive…',
  inUse: (n: number) => `Its ${count(n, 'credential')} must be archived first.`,
  title: (name: string) => `Archive ${name}?`,
  about: [
    'Rekey forgets how it signs in there: the secrets of its settings are erased. The audit log keeps what happened, and the name is free again.',
    'Nothing is changed at the vendor: what it has issued stays and works there.',
  ],
  confirm: 'Archive',
  archiving: 'Archiving…',
};
