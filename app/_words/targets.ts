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
