/** The page of all credentials. */
export const credentialList = {
  title: 'Credentials',
  about: 'Every secret that Rekey keeps, and where it stands.',
  lookUp: 'Look up a value',
  import: 'Add credential',
  nothingFits: 'No credential fits this filter.',
  showAll: 'Show all credentials',
  nothingYet: 'There are no credentials yet.',
  nothingYetAbout:
    'A credential is one thing at an issuer, for example one OAuth client. Import one with its current secret, and bind it to the targets that need it; importing rotates nothing.',
} as const;

/** The views, the search and the filters above the list. */
export const credentialFilter = {
  title: 'Credentials',
  views: 'Views',
  search: 'Search',
  searchIn: 'Name, owner or label',
  more: 'More filters',
  issuer: 'Issuer',
  anyIssuer: 'All issuers',
  target: 'Target',
  anyEnvironment: 'All environments',
  owner: 'Owner',
  anyOwner: 'All owners',
  label: 'Label',
  anyLabel: 'All labels',
  order: 'Sort by',
  submit: 'Filter',
  unknown: 'unknown',
} as const;

/** The table of credentials: its columns, and what stands in a cell that has nothing else to say. */
export const credentialTable = {
  caption: 'Credentials',
  credential: 'Credential',
  state: 'State',
  version: 'Version',
  noVersion: 'none',
  age: 'Age',
  next: 'Next rotation',
  notScheduled: 'not scheduled',
  confirmed: 'Confirmed',
  confirmedOf: (confirmed: number, targets: number) => `${confirmed} of ${targets}`,
  noTargets: 'no targets',
  owner: 'Owner',
  nobody: 'nobody',
} as const;

/** Where one credential of the list stands. */
export const credentialState = {
  overlapLeft: '{time} left',
  overdue: 'Overdue',
  finding: 'Finding',
  ok: 'OK',
  paused: 'Paused',
} as const;

/** The ticks with which credentials of the list are chosen. */
export const credentialChoice = {
  one: (name: string) => `Choose ${name}`,
  page: 'Choose all on this page',
  seeMatching: 'See how many fit this filter',
  counting: 'Counting…',
  matching: (n: number) => `Choose all ${n} that fit this filter`,
} as const;
