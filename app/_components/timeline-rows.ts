import type { OpenOverlap, Upcoming, UpcomingRun } from '#core/policies/list-upcoming.ts';

/* Where things stand on the timeline. Pure: what is drawn and what the list beside it says come from the same rows. */

export interface TimelineRow {
  credentialId: string;
  credential: string;
  issuer: string | null;
  runs: UpcomingRun[];
  overlaps: OpenOverlap[];
  /** In which nothing of this credential starts. */
  blackouts: Upcoming['blackouts'];
}

type Drawn = Pick<Upcoming, 'runs' | 'overlaps' | 'blackouts'>;

/** How far a moment is from the beginning, in percent of the whole; never outside of it. */
export function percent(at: string, { from, to }: Pick<Upcoming, 'from' | 'to'>): number {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const share = ((Date.parse(at) - begin) / (end - begin)) * 100;
  return Math.round(Math.min(100, Math.max(0, share)) * 100) / 100;
}

/** One row for each credential that something comes for, the soonest first. */
export function timelineRows({ runs, overlaps, blackouts }: Drawn): TimelineRow[] {
  const rows = new Map<string, TimelineRow>();
  const rowOf = ({ credentialId, credential }: { credentialId: string; credential: string }) => {
    const row = rows.get(credentialId) ?? {
      credentialId,
      credential,
      issuer: null,
      runs: [],
      overlaps: [],
      blackouts: [],
    };
    rows.set(credentialId, row);
    return row;
  };
  for (const overlap of overlaps) {
    rowOf(overlap).overlaps.push(overlap);
  }
  for (const run of runs) {
    const row = rowOf(run);
    row.issuer = run.issuer;
    row.runs.push(run);
    if (row.runs.length === 1) {
      row.blackouts = blackouts.filter(({ policyId }) => policyId === run.policyId);
    }
  }
  return [...rows.values()];
}

export interface Collisions {
  application: string;
  /** The names of its credentials that come too close to each other. */
  credentials: string[];
  times: number;
  first: string;
}

/** A weekly collision is one thing to put right and not four: collisions by application, the soonest first. */
export function collisionsByApplication(collisions: Upcoming['collisions']): Collisions[] {
  const groups = new Map<string, Collisions>();
  for (const { application, from, runs } of collisions) {
    const group = groups.get(application) ?? { application, credentials: [], times: 0, first: from };
    const names = runs.map(({ credential }) => credential);
    group.credentials = [...new Set([...group.credentials, ...names])];
    group.times += 1;
    groups.set(application, group);
  }
  return [...groups.values()];
}
