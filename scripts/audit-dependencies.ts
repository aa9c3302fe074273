import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';

/* npm run audit:dependencies: the known faults of what is shipped, where the registry knows of any. */

const answer = z.union([
  z.object({
    vulnerabilities: z.record(
      z.string(),
      z.object({ name: z.string(), severity: z.string(), range: z.string() }),
    ),
  }),
  z.object({ message: z.string() }),
]);

export interface Verdict {
  /** What to print. */
  said: string;
  failed: boolean;
}

/** Judges what `npm audit --json` printed. High and critical faults fail; a registry that keeps no advisories is said and passed over. */
export function judge(printed: string): Verdict {
  let read: unknown;
  try {
    read = JSON.parse(printed);
  } catch {
    return { said: 'skipped: npm audit printed nothing that can be read', failed: false };
  }
  const { success, data } = answer.safeParse(read);
  if (!success || 'message' in data) {
    const why = success && 'message' in data ? data.message : 'its answer has another form';
    return { said: `skipped: the registry does not tell (${why})`, failed: false };
  }
  const all = Object.values(data.vulnerabilities);
  const grave = all.filter(({ severity }) => severity === 'high' || severity === 'critical');
  const lines = grave.map(({ name, severity, range }) => `  ${name} ${range}: ${severity}`);
  return {
    said: [
      `${grave.length} grave and ${all.length - grave.length} lesser known faults in what is shipped`,
      ...lines,
    ].join('\n'),
    failed: grave.length > 0,
  };
}

if (process.argv[1] === path.resolve(import.meta.filename)) {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });
  const { said, failed } = judge(stdout);
  console.log(said);
  process.exit(failed ? 1 : 0);
}
