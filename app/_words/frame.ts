/** The name and the title that stand over every page. */
export const site = {
  name: 'Rekey',
  titleOf: (page: string) => `${page} · Rekey`,
  about: 'Rotate client secrets without downtime.',
};

/** An address that names nothing. */
export const nothingHere = {
  pageTitle: 'Not found',
  title: 'There is nothing at this address',
  about:
    'What it names does not exist, or you may not see it. Check the address, or go on from the list of credentials.',
  goOn: 'Go to the credentials',
};

/** A page that failed. */
export const errorPage = {
  title: 'This page could not be shown',
  about:
    'Something failed on our side, or the database does not answer; /health/ready says whether it does. What is under way is written down and goes on without this page, at the latest once the database answers. Opening it changed nothing.',
  inTheLog: (digest: string) => `The log has the details under the number ${digest}.`,
  tryAgain: 'Try again',
};

/** The link that a keyboard comes to first. */
export const skipLink = { toContent: 'Skip to the content' };

/** Over every page while everything is paused. */
export const standstill = {
  paused: '{by} paused everything {ago}: {reason}',
} as const;

/** Over every page of a restored database. */
export const restored = {
  nothingRuns: 'Nothing runs here.',
  goesOn:
    'It goes on once issuers and targets were compared, with {command} on the server, and an admin has read what was found.',
  command: 'rekey resume --after-restore',
  whatWasFound: 'What was found',
} as const;

/** Over every page while no worker is alive. */
export const workerBanner = {
  title: 'No worker is alive: rotations will not run.',
  neverSeen: 'None was ever seen.',
  lastSeen: 'The last one was seen {ago}.',
  goesOn: 'What is under way stays where it is and nothing is lost. Start a worker; it goes on by itself.',
} as const;

/** The rail, and the bar of a phone. */
export const navigation = { label: 'Main', more: 'More' };

/** Where one can go. */
export const placeNames = {
  overview: 'Overview',
  credentials: 'Credentials',
  rotations: 'Rotations',
  approvals: 'Approvals',
  issuers: 'Issuers',
  targets: 'Targets',
  calendar: 'Calendar',
  policies: 'Policies',
  notifiers: 'Notifiers',
  developerTools: 'Developer tools',
  audit: 'Audit',
  settings: 'Settings',
};

/** The choice of the environment that lists show. */
export const environmentSwitch = { label: 'Lists show', all: 'All environments' };

/** The button that opens the palette. */
export const palette = { open: 'Search', keys: 'Ctrl K' };

/** The palette. */
export const paletteDialog = {
  title: 'Go to anything',
  input: 'Go to, or do',
  inputExample: 'A name, a page, or “rotate …”',
  results: 'Results',
  searching: 'Searching…',
  noAnswer: 'Rekey does not answer. Type on, or try again.',
  nothingFound: 'Nothing has this name.',
  found: (n: number) => `${n} found.`,
};

/** What the palette offers. */
export const paletteItems = {
  /** The words that are typed before a name. */
  typed: { rotate: 'rotate', pause: 'pause' },
  rotate: (name: string) => `Rotate ${name}…`,
  pause: (name: string) => `Pause ${name}…`,
  kinds: { credential: 'Credential', issuer: 'Issuer', target: 'Target', policy: 'Policy' },
  kindAbout: (kind: string, about: string) => `${kind} · ${about}`,
  page: 'Page',
  lookUp: 'Look up a value',
  importCredential: 'Add credential',
  addIssuer: 'Add issuer',
  addTarget: 'Add target',
  newPolicy: 'New policy',
  addNotifier: 'Add notifier',
  webhookEndpoints: 'Webhook endpoints',
};

/** The list of the keys. */
export const keysDialog = {
  title: 'Keys',
  ctrl: 'Ctrl',
  palette: 'Go to anything, or do something (⌘ K on a Mac)',
  search: 'Search in this list',
  nextRow: 'Next row',
  rowBefore: 'Row before',
  rotate: 'On a credential: open its rotation sheet',
  theseKeys: 'Show these keys',
  goTo: (place: string) => `Go to ${place}`,
  single: 'Single keys work in this browser. Ctrl K always does.',
};

/** The button of who is signed in. */
export const accountMenu = { label: (name: string) => `Account: ${name}` };

/** What opens from it. */
export const accountPopup = {
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  keys: 'Keys',
  signOut: 'Sign out',
};

/** How many rotations are open. */
export const runningTray = {
  label: (said: string) => `Open rotations: ${said}`,
  said: (running: number, paused: number, held: number) =>
    [
      `${running} running`,
      ...(paused > 0 ? [`${paused} paused`] : []),
      ...(held > 0 ? [`${held} held`] : []),
    ].join(', '),
};

/** The list of them. */
export const runningList = {
  title: 'Open rotations',
  nothing: 'Nothing is rotating now.',
  all: 'All rotations',
  left: '{length} left',
} as const;

/** An issuer or a target in its list. */
export const systemRow = {
  paused: 'Paused',
  healthy: 'Healthy',
  unhealthy: 'Unhealthy',
  notChecked: 'Not checked yet',
  /** What it was asked last, and when. */
  checked: {
    check: 'Checked {ago}: it answers and lets Rekey in.',
    failed_check: 'Checked {ago}: something was missing.',
    import: 'It accepted the secret of a credential that was imported {ago}.',
    make: 'Rekey made the first value of a credential {ago}; no other system was asked.',
    binding: 'It took the delivery for a binding that was made {ago}.',
  },
  /** The name is only read out, with the space before it. */
  check: 'Check{name}',
  checking: 'Checking…{name}',
} as const;

/** The button that gives an issuer or a target another name, and its dialog. */
export const rename = {
  open: 'Rename…',
  title: (name: string) => `Rename ${name}`,
  about:
    'Its settings and their secrets stay as they are, and nothing outside is touched. The audit log keeps both names.',
  confirm: 'Rename',
  renaming: 'Renaming…',
};
