import { eitherRole } from '#app/_words/roles.ts';
import { count } from '#app/_words/rotation.ts';
import type { Role } from '#core/access/actor.ts';

/* The overview: what waits for a person, what comes, and how it went. */

/** The page of the overview. */
export const overviewPage = {
  title: 'Overview',
  ofAll: 'All environments.',
  ofOne: (environment: string) => `The environment ${environment} alone.`,
  readingNext: (days: number) => `What comes in the next ${count(days, 'day')} is being read…`,
  readingTrends: 'How the last weeks went is being read…',
};

/** The four numbers, each with the item that is worst. */
export const counterWords = {
  failing: { label: 'Failing', worst: '{name}, held {at}' },
  overdue: { label: 'Overdue', worst: '{name}, was due {at}' },
  due: { label: 'Due in 7 days', worst: '{name}, {at}' },
  overlap: { label: 'In overlap now', worst: '{name}, {time} left' },
  none: 'None',
} as const;

/** The panel of what waits for a person. */
export const attentionPanel = {
  title: 'Needs attention',
  late: 'No rotation is held, but some credentials are overdue.',
  quiet: 'All quiet: nothing waits for a person.',
  lastEnded: 'The last rotation ended {at}.',
  more: (items: number, kind: string) => `and ${items} more: ${kind}`,
} as const;

/** Each kind of what waits for a person: its name, what stands so, and what the buttons say. */
export const attentionWords = {
  glass: {
    name: 'Break glass',
    says: (reason: string | null) => `A second person is asked to confirm it. Reason: ${reason}`,
    read: 'Read what would stop working',
  },
  review: {
    name: 'Review open',
    says: (reason: string | null) =>
      `The glass was broken, and nobody has written what came of it. Reason: ${reason}`,
    review: 'Review it',
  },
  held: {
    name: 'Held',
    goingBack: 'It is being rolled back.',
    readPlan: 'Read the plan',
    see: 'See what can be done',
  },
  task: {
    name: 'Your turn',
    says: 'Rotate it on the vendor’s page and paste the new secret.',
    open: 'Open the task',
  },
  retrying: {
    name: 'Failing',
    says: (error: string | null) =>
      `A step failed and is tried again by itself.${error === null ? '' : ` ${error}`}`,
    look: 'Look at it',
  },
  finding: {
    name: 'Finding',
    differs: 'Something outside differs from what is stored.',
    look: 'Look at it',
  },
  expiring: {
    name: 'Expires',
    says: 'Its secret expires, and no policy rotates it.',
    rotate: 'Rotate…',
    choosePolicy: 'Choose a policy',
  },
  issuer: {
    name: 'Issuer unhealthy',
    says: 'It does not answer as it should. Its rotations wait, and go on once it answers.',
    check: 'Check it',
  },
  target: {
    name: 'Target unhealthy',
    says: 'Its last check failed. A rotation that delivers to it would be held.',
    check: 'Check it',
  },
};

/** What is left to do before the first rotation. */
export const firstSteps = {
  title: 'To your first rotation',
  done: 'done',
  whoMay: (roles: readonly Role[]) => `It takes the role ${eitherRole(roles)}.`,
  issuer: {
    does: 'Add an issuer',
    how: 'The system that makes your secrets. Rekey asks it once its first credential is added.',
    go: 'Add issuer',
  },
  target: {
    does: 'Add a target',
    how: 'The place where your application reads its secret, for example an env file.',
    go: 'Add target',
  },
  credential: {
    does: 'Add a credential',
    how: 'Its secret in use is tried and sealed; importing rotates nothing.',
    go: 'Add credential',
  },
  binding: {
    does: 'Bind it to its target',
    how: 'Says which key of the target takes the secret.',
    go: 'Open the credentials',
  },
  rotation: {
    does: 'Rotate it',
    how: 'You read the plan before anything happens, and can roll back while the old secret still works.',
    go: 'Choose a credential',
  },
};

/** What comes in the next days, as a drawing. */
export const timeline = {
  title: (days: number) => `Next ${count(days, 'day')}`,
  nothing: (days: number) =>
    `No policy rotates anything in the next ${count(days, 'day')}, and nothing is in overlap.`,
  policiesSay: '{policies} say when credentials rotate by themselves.',
  policies: 'Policies',
  now: 'Now',
  nextRotation: 'Next rotation',
  laterRotations: 'Later ones',
  overlap: 'Overlap',
  blackout: 'Blackout',
  collision: 'Collision',
  collidesOnce: '{credentials} of {application} would rotate within an hour of each other, on {first}.',
  collidesOften:
    '{credentials} of {application} would rotate within an hour of each other, {times} times, first on {first}.',
  more: (credentials: number) => `${count(credentials, 'credential')} more, the soonest first`,
  isCut: 'There is more in this time than is shown here.',
} as const;

/** The same as the drawing, as a list. */
export const timelineList = {
  open: 'As a list',
  inOverlap: '{credential} is in overlap.',
  inOverlapHeld: '{credential} is in overlap, and held.',
  inOverlapUntil: '{credential} is in overlap until {to}.',
  blackout: '{policy} starts nothing from {from} to {to}: {reason}',
  run: '{at}: {credential}, by the policy {policy}.',
  skipped: {
    everything:
      '{at}: {credential}, by the policy {policy}; it would be skipped now, because everything is paused.',
    issuer:
      '{at}: {credential}, by the policy {policy}; it would be skipped now, because its issuer is paused.',
    credential: '{at}: {credential}, by the policy {policy}; it would be skipped now, because it is paused.',
  },
  notListed: (rotations: number) =>
    rotations === 1 ? '1 later rotation is not listed.' : `${rotations} later rotations are not listed.`,
} as const;

/** The figures under each drawing of the trends. */
export const trendTable = {
  open: 'As a table',
  week: 'Week from (UTC)',
  oneWeek: 'Only one week has figures so far; from the second on they are drawn.',
};

/** How many rotations completed, week by week. */
export const successRate = {
  title: 'Success rate',
  noneEnded: 'No rotation ended in the last twelve weeks.',
  rate: (percent: number, ended: number) =>
    `${percent} % of ${count(ended, 'rotation')} completed in the last twelve weeks.`,
  completed: 'Completed',
  ended: 'Ended',
};

/** How long rotations took until the new version was in use, week by week. */
export const timeToNew = {
  title: 'Time to the new version',
  noneCompleted: 'No rotation completed in the last twelve weeks.',
  latest: (median: string) =>
    `The median of the latest week is ${median}, from the request to the new version in use.`,
  median: 'Median',
  none: 'none',
};

/** How old the secrets in use are. */
export const secretAges = {
  title: 'Age of the secrets',
  noSecret: 'There is no secret yet.',
  old: (old: number, all: number) =>
    `${old} of ${count(all, 'secret')} in use ${old === 1 ? 'is' : 'are'} 90 days old or older.`,
  age: 'Age',
  secrets: 'Secrets',
  from: (days: number) => `${days}+ days`,
  between: (from: number, to: number) => `${from}–${to} days`,
};

/** Whether what runs rotations is alive and keeps up. */
export const systemStrip = {
  title: 'System',
  workers: 'Workers',
  alive: (workers: number) => `${workers} alive`,
  noneAlive: 'None alive',
  lastHeartbeat: 'last heartbeat {at}',
  waiting: 'Waiting for a worker',
  waits: (rotations: number) => (rotations === 0 ? 'Nothing' : count(rotations, 'rotation')),
  database: 'Database',
  answers: 'Answers',
} as const;
