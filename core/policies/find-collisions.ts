/** One run of one credential, as far as collisions go. */
export interface Run {
  credentialId: string;
  credential: string;
  /** When it starts, as an instant. */
  at: string;
}

/** An application that uses several credentials, and which. */
export interface Application {
  /** `app:shop`, or the target whose one place holds them all. */
  name: string;
  credentialIds: readonly string[];
}

/** Runs of different credentials of one application that start less than an hour after each other. */
export interface Collision {
  application: string;
  from: string;
  to: string;
  runs: Run[];
}

const HOUR = 3_600_000;

function collide(application: string, runs: readonly Run[]): Collision | null {
  const [first, last] = [runs[0], runs.at(-1)];
  const credentials = new Set(runs.map(({ credentialId }) => credentialId));
  return first === undefined || last === undefined || credentials.size < 2
    ? null
    : { application, from: first.at, to: last.at, runs: [...runs] };
}

/** Runs in their order, cut wherever an hour or more lies between two. */
function closeRuns(runs: readonly Run[]): Run[][] {
  const groups: Run[][] = [];
  for (const run of runs) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    if (group !== undefined && before !== undefined && Date.parse(run.at) - Date.parse(before.at) < HOUR) {
      group.push(run);
    } else {
      groups.push([run]);
    }
  }
  return groups;
}

/**
 * Where an application would lose two of its secrets to one fault: its credentials rotate within one hour, so that whoever
 * looks cannot tell which of them broke it. The earliest first; the same runs are named once, whatever ties them.
 */
export function findCollisions(runs: readonly Run[], applications: readonly Application[]): Collision[] {
  const sorted = [...runs].sort(
    (a, b) => a.at.localeCompare(b.at) || a.credential.localeCompare(b.credential),
  );
  const byCredential = new Map<string, Run[]>();
  for (const run of sorted) {
    byCredential.set(run.credentialId, [...(byCredential.get(run.credentialId) ?? []), run]);
  }
  const seen = new Set<string>();
  return applications
    .flatMap(({ name, credentialIds }) => {
      const own = credentialIds.flatMap((id) => byCredential.get(id) ?? []);
      const inOrder = own.sort((a, b) => a.at.localeCompare(b.at));
      return closeRuns(inOrder).flatMap((group) => collide(name, group) ?? []);
    })
    .filter(({ runs: group }) => {
      const key = group.map(({ credentialId, at }) => `${credentialId} ${at}`).join();
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => a.from.localeCompare(b.from));
}
