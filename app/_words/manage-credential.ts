import { count } from '#app/_words/rotation.ts';

/** The panel of where a credential belongs, and the buttons in it. */
export const aboutPanel = {
  title: 'About this credential',
  owner: 'Owner',
  noOwner: 'Nobody',
  labels: 'Labels',
  noLabels: 'None',
  listOf: (what: string) => `Credentials with ${what}`,
  change: 'Change…',
  archive: 'Archive…',
  archiveWaits: 'It can be archived once the open rotation has ended.',
} as const;

/** The form that changes a credential. */
export const changeDialog = {
  title: (name: string) => `Change ${name}`,
  about: 'Nothing outside is touched, and nothing rotates.',
  owner: 'Owner',
  ownerAbout: 'Who is asked about it.',
  labels: 'Labels',
  labelsAbout: 'Separated by commas. People and API clients can be limited to labels.',
  limited:
    'You are limited to some credentials, so environment and labels stay: it would move into the limits of others, or out of them.',
  save: 'Save changes',
  correctMarked: 'Nothing was changed. Correct what is marked above.',
} as const;

interface Left {
  issuer: string;
  targets: number;
}

/** The question before a credential is archived. */
export const archiveDialog = {
  title: (name: string) => `Archive ${name}?`,
  about: 'Rekey lets go of it for good. It does not come back; it can be imported anew.',
  outsideTitle: 'Outside, nothing is touched',
  outside: ({ issuer, targets }: Left) =>
    targets === 0
      ? `Its secret goes on working at ${issuer} until somebody revokes it there.`
      : `Its secret goes on working at ${issuer} until somebody revokes it there, and ${count(targets, 'target')} keep${targets === 1 ? 's' : ''} what was delivered.`,
  fetched: 'What applications fetch from Rekey itself is served no more: those get nothing from then on.',
  hereTitle: 'Here, this is forgotten',
  values: 'Every value of it that Rekey keeps is erased. Its versions, rotations and audit events stay.',
  policy: (name: string) => `It loses the policy ${name}, so nothing rotates it any more.`,
  bindings: (n: number) => `${count(n, 'binding')} ${n === 1 ? 'is' : 'are'} taken away.`,
  nameFree: 'Its name is free again.',
  typeName: (name: string) => `Type ${name} to archive it`,
  keep: 'Keep it',
  confirm: 'Archive',
  archiving: 'Archiving…',
} as const;
