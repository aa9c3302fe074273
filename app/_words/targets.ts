import { count } from '#app/_words/rotation.ts';

/** The list of targets. */
export const targetList = {
  title: 'Targets',
  about: 'The systems that need the secrets.',
  add: 'Add target',
  noneYet: 'There are no targets yet.',
  whatOneIs:
    'A target is a system that needs a secret: a file an application reads, a store, a receiver. Add one, then bind credentials to it.',
};

/** The page that adds a target, and the choice of its kind. */
export const newTarget = {
  title: 'Add a target',
  askKind: 'Which system needs the secrets?',
  kinds: 'Kinds of targets',
  act: 'add a target',
};

/** What a target of one kind needs to be told. */
export const targetForm = {
  title: 'Target',
  about: 'Nothing is written yet: that happens when a credential is bound to it.',
  aboutWithSecret:
    'Nothing is written yet: that happens when a credential is bound to it. What is entered as a secret is sealed and never shown again.',
  submit: 'Add target',
};

/** The question before a target is archived. */
export const archiveTarget = {
  open: 'Archive…',
  inUse: (n: number) => `Its ${count(n, 'binding')} must be unbound first.`,
  title: (name: string) => `Archive ${name}?`,
  about: [
    'Rekey forgets how it signs in there: the secrets of its settings are erased. The audit log keeps what happened, and the name is free again.',
    'Nothing is changed at the target: what was delivered stays there.',
  ],
  confirm: 'Archive',
  archiving: 'Archiving…',
};
