import { count } from '#app/_words/rotation.ts';

/* Webhook endpoints: the programs that are told what happens. `as const` lets `fill` check the places of a sentence. */

/** The list of endpoints. */
export const webhookEndpoints = {
  title: 'Webhook endpoints',
  about:
    'Programs that are told what happens here: each event of the audit log that they ask for is posted to them, signed as Standard Webhooks has it.',
  add: 'Add endpoint',
  noneYet: 'No program is told of events yet.',
  noneYetAbout:
    'An endpoint is an address of yours that takes a POST. It is sent again what it could not take, and can be sent once more what it lost.',
};

/** How far an endpoint has come with its messages. */
export const endpointProgress = {
  nothingSent: 'nothing sent yet',
  lastSent: 'last sent {when}',
  toBeSent: (n: number) => `${count(n, 'message')} to be sent`,
} as const;

/** Whether events go through to an endpoint. */
export const endpointState = {
  on: 'On',
  off: 'Off',
  offByRekey: 'Switched off by Rekey',
  failing: 'Failing',
};

/** The page that adds an endpoint. */
export const newEndpoint = {
  title: 'Add a webhook endpoint',
  about: 'It is sent the events that happen from now on. What was before can be replayed.',
  act: 'add a webhook endpoint',
};

/** The form that adds an endpoint. */
export const endpointForm = {
  title: 'Webhook endpoint',
  add: 'Add endpoint',
  adding: 'Adding…',
  made: 'The new webhook endpoint',
  openIt: 'Open the endpoint and send a test',
};

/** The inputs of an endpoint. */
export const endpointFields = {
  nameHint: 'As your team calls it.',
  address: 'Address',
  addressHint: 'Where events are posted to. It is no place for a secret: the signature proves who sends.',
  events: 'Events',
  eventsHint:
    'One in a line: a name such as rotation.completed, rotation.* for all of its kind, or * for every event.',
  allEvents: 'All events there are',
};

/** The page of one endpoint. */
export const endpointPage = {
  title: 'Webhook endpoint',
  /** By who or what switched it off. */
  off: {
    person: 'Somebody switched it off on {when}.',
    failing: 'It took nothing for five days, so Rekey switched it off on {when}.',
    gone: 'It answered 410, which says that it is gone, so Rekey switched it off on {when}.',
  },
  offAbout: 'Nothing is sent to it. Switch it on once it is well, and replay what it missed since.',
  failing: 'Nothing was taken since {when}. {error} It is switched off after five days.',
} as const;

/** The buttons of one endpoint. */
export const endpointActions = {
  test: 'Send a test',
  switchOff: 'Switch off',
  switchOn: 'Switch on',
  reallyRemove: 'Really remove it',
};

/** The form that changes an endpoint. */
export const changeEndpoint = {
  title: 'Name, address and events',
  saved: 'Saved. The next attempt goes by it.',
};

/** How a message stands. */
export const messageState = {
  sent: 'Sent',
  waiting: 'To be sent',
  given_up: 'Given up',
};

/** The messages of an endpoint. */
export const messageList = {
  title: 'Messages',
  byState: 'Messages by state',
  noneYet:
    'None. A message is made of each event that the endpoint asks for, within a second, and kept for thirty days.',
  older: 'Older messages',
};

/** One message. Which one is replayed is named for screen readers only. */
export const messageLine = {
  attempts: (n: number) => (n === 0 ? 'not tried yet' : count(n, 'attempt')),
  answered: (status: number) => `answered ${status}`,
  replayed: (n: number) => (n === 1 ? 'replayed once' : `replayed ${n} times`),
  last: 'last {when}',
  next: 'next {when}',
  replay: 'Replay{message}',
  replaying: 'Replaying…{message}',
} as const;

/** The form that has everything since a time sent again. */
export const replaySince = {
  title: 'Replay',
  about:
    'Every event since then that the endpoint asks for is sent again, also those of before it was added or while it was off. Each has the webhook-id that it had.',
  since: 'Since, in your time zone',
  beginning: 'Beginning…',
  replay: 'Replay everything since',
  begun: 'It has begun. The messages appear above as they are sent.',
};

/** The secrets that messages are signed with. */
export const signingSecrets = {
  title: 'Signing secrets',
  made: 'made {when}',
  signs: 'Signs',
  signsUntil: 'Signs until {when}',
} as const;

/** The form that rolls the signing secret. */
export const rollSecret = {
  overlap: 'The secret in use goes on signing beside a new one',
  overlaps: {
    '1h': 'for an hour',
    '24h': 'for a day',
    '7d': 'for a week',
    now: 'not at all: it is in the wrong hands',
  },
  rolling: 'Rolling…',
  roll: 'Roll the secret',
};

/** A signing secret that is shown this once. */
export const signingSecret = {
  about:
    'This is the only time the signing secret is shown. Copy it to where the receiver reads it before you leave; Rekey keeps it sealed and does not show it again.',
  label: 'Signing secret',
};
