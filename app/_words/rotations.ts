/** The list of rotations. */
export const rotationList = {
  title: 'Rotations',
  about: 'Every replacement run, the newest first.',
  batches: 'Batches',
  views: 'Views',
  running: 'Running',
  held: 'Held',
  completed: 'Completed',
  rolledBack: 'Rolled back',
  allEnded: 'All ended',
  search: 'Search',
  searchExample: 'Name of a credential',
  filter: 'Filter',
  showAll: 'Show all rotations',
  nothingFits: 'No rotation fits this filter.',
  nothingYet: 'Nothing was rotated yet.',
  howItStarts: 'A rotation starts when somebody clicks Rotate on a credential, or when a policy says so.',
} as const;

/** The table in the list of rotations. */
export const rotationTable = {
  caption: 'Rotations',
  columns: {
    credential: 'Credential',
    state: 'State',
    versions: 'Versions',
    strategy: 'Strategy',
    askedBy: 'Asked for by',
    began: 'Began',
    ended: 'Ended',
  },
  overlapLeft: '{time} left',
  breach: 'because of a breach',
} as const;
