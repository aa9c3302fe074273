import { count } from '#app/_words/rotation.ts';

/** The list of notifiers. */
export const notifierList = {
  title: 'Notifiers',
  about:
    'Who is told when something needs a person. Each thing is told once, and what comes together is one message.',
  add: 'Add notifier',
  noneYet: 'Nobody is told yet.',
  whatOneIs:
    'A notifier reaches people by e-mail, in a channel of Slack or Teams, or through a webhook of your own when a rotation is held, a person is needed, or a secret is about to expire.',
};

/** One notifier in the list, with its test and its removal. */
export const notifierLine = {
  nothingSent: 'nothing sent yet',
  lastSent: 'last sent {ago}',
  waiting: (notices: number) => `${count(notices, 'notice')} to be sent`,
  test: 'Send a test',
  testing: 'Sending…',
  /** Heard behind `test`, where the line is not seen. */
  testGoesTo: (name: string) => `to ${name}`,
  change: 'Change',
  confirmRemoval: 'Really remove',
} as const;

/** The page that adds a notifier, and the choice of its kind. */
export const newNotifier = {
  title: 'Add a notifier',
  askKind: 'How are people reached?',
  kinds: 'Kinds of notifiers',
  act: 'add a notifier',
};

/** What a notifier of one kind needs to be told, and what it shall tell of. */
export const notifierForm = {
  title: 'Notifier',
  about: 'What is entered as a secret is sealed and never shown again.',
  tellsOf: 'Tells of',
  howOften: 'Each thing is told once, and at most one message is sent in a minute.',
  submit: 'Add notifier',
};

/** The page that changes a notifier. */
export const changeNotifierPage = {
  title: 'Change a notifier',
  change: (name: string) => `Change ${name}`,
  act: 'change a notifier',
};

/** Its two forms. */
export const changeNotifierForm = {
  title: 'Notifier',
  save: 'Save',
  where: 'Where it sends to',
  allAnew:
    'What Rekey has stored is not shown and is kept unless this form is sent. Enter all of it anew, also its secrets: a stored secret is never sent to an address that came later.',
  sendThere: 'Send there from now on',
};
