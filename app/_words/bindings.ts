/** The page that binds a credential to a target. */
export const bindPage = {
  title: 'Bind a target',
  which: (credential: string) => `Which system needs ${credential}?`,
  chosen: (credential: string, target: string) => `${credential} to ${target}`,
  chooseAnother: 'Choose another target',
  act: 'bind a target',
  targets: 'Targets',
  none: 'There is no target yet.',
  addFirst: 'A target is a system that needs the secret. {add} first.',
  add: 'Add a target',
} as const;

/** The form that binds fields of a credential to keys of a target. */
export const bindForm = {
  about: (target: string) =>
    `The current version is delivered to ${target} and confirmed right away, so that a binding that exists is one that works. Nothing rotates.`,
  aboutVersion: (version: number, target: string) =>
    `The current version, v${version}, is delivered to ${target} and confirmed right away, so that a binding that exists is one that works. Nothing rotates.`,
  place: (target: string) => `Its place at ${target}`,
  bind: 'Bind target',
  binding: 'Delivering and confirming…',
};

/** The part of the form about fields and keys. */
export const bindKeys = {
  title: 'Which field goes to which key',
  about: 'A field without a key is not delivered. Other keys of the target are never touched.',
};

/** What stands below a field of that name. */
export const bindFieldHints: Record<string, string> = {
  versionId: 'Which version it is, so that the consumer can say which one it uses.',
};

/** The part of the form about what the application can do. */
export const bindApplication = {
  title: 'What the application can do',
  readsNext: 'The application uses the NEXT value when the current one is refused',
  readsNextHint:
    'An issuer that keeps one secret can then be rotated without a gap: the new value lies beside the old one before the issuer switches.',
};

/** The part of the form about when a rotation may go on. */
export const bindConfirmation = {
  title: 'When a rotation may go on',
  required: 'Required',
  requiredHint: 'A rotation goes on only when this target has the new secret. Without the tick, best effort.',
  canary: 'Canary',
  canaryHint:
    'The new secret comes here first, and to the others once it is confirmed here, where the old one still works meanwhile. A canary is required; several go together.',
  needs: 'Confirmed when it is',
  levels: {
    accepted: 'Accepted: the target took it.',
    read_back: 'Read back: it proved that it holds it.',
    redeployed: 'Redeployed: its consumers were redeployed after that.',
    adopted: 'Adopted: its consumers reported that they use it.',
  },
  consumer: 'Address of the consumer',
  consumerHint: 'Where the consumer answers which version it uses. Leave it empty where there is none.',
  consumerExample: 'https://',
};

/** The page that changes how a target is delivered to. */
export const changeBindingPage = {
  title: 'Change a binding',
  about: (credential: string, target: string) =>
    `How ${target} gets ${credential} from the next rotation on. Nothing is delivered now.`,
  act: 'change a binding',
};

/** The form of that page. */
export const changeBindingForm = { submit: 'Save binding' };

/** What can be done with a target in the list of a credential, and the question before it is unbound. */
export const bindingActs = {
  change: 'Change…',
  unbind: 'Unbind…',
  title: (credential: string, target: string) => `Unbind ${credential} from ${target}?`,
  stays: (target: string) =>
    `What was delivered stays at ${target} and works until the next rotation ends it. Whoever reads it there gets no new secret then.`,
  fetchingEnds: (target: string, consumers: readonly string[]) =>
    consumers.length === 0
      ? `Nobody may fetch it from ${target}, so nobody loses anything.`
      : `${consumers.join(', ')} can no longer fetch it from ${target}, from now on.`,
  from: 'Rotations deliver nothing there any more and do not wait for it. It can be bound again.',
  confirm: 'Unbind',
  unbinding: 'Unbinding…',
};
