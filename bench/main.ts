import os from 'node:os';
import { parseArgs } from 'node:util';
import { auditAppend } from '#bench/benchmarks/audit-append.ts';
import { auditQuery } from '#bench/benchmarks/audit-query.ts';
import { auditVerify } from '#bench/benchmarks/audit-verify.ts';
import { consolePages } from '#bench/benchmarks/console-pages.ts';
import { credentialList } from '#bench/benchmarks/credential-list.ts';
import { dispatchLateness } from '#bench/benchmarks/dispatch-lateness.ts';
import { dueScan } from '#bench/benchmarks/due-scan.ts';
import { httpGuard } from '#bench/benchmarks/http-guard.ts';
import { progressNotify } from '#bench/benchmarks/progress-notify.ts';
import { ringAgain } from '#bench/benchmarks/ring-again.ts';
import { rotateLatency } from '#bench/benchmarks/rotate-latency.ts';
import { rotateSlowPeers } from '#bench/benchmarks/rotate-slow-peers.ts';
import { rotateThroughput } from '#bench/benchmarks/rotate-throughput.ts';
import { holds, isWorse, type Result, type Settings, table } from '#bench/runner.ts';
import { type World, withWorld } from '#bench/world.ts';
import { generateClient } from '#scripts/launcher/build.ts';

/*
 * npm run bench: floor and subject side by side. Ends with 1 when a ratio is outside of its bound, and with 3 when one is
 * worse than it was when it was recorded.
 */

const benchmarks: Record<string, (world: World, settings: Settings) => Promise<Result[]>> = {
  'rotate-throughput': rotateThroughput,
  'rotate-latency': rotateLatency,
  'rotate-slow-peers': rotateSlowPeers,
  'http-guard': httpGuard,
  'progress-notify': progressNotify,
  'audit-append': auditAppend,
  'audit-verify': auditVerify,
  'audit-query': auditQuery,
  'due-scan': dueScan,
  'dispatch-lateness': dispatchLateness,
  'ring-again': ringAgain,
  'credential-list': credentialList,
  'console-pages': consolePages,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '11' },
    seconds: { type: 'string', default: '1.5' },
    /** How long the audit log of audit-query is. */
    rows: { type: 'string', default: '1000000' },
    /** How many credentials of due-scan have a policy. */
    assignments: { type: 'string', default: '1000000' },
    /** For how many open rotations ring-again rings. */
    open: { type: 'string', default: '100000' },
  },
});
const settings: Settings = {
  pairs: Number(values.pairs),
  seconds: Number(values.seconds),
  rows: Number(values.rows),
  assignments: Number(values.assignments),
  open: Number(values.open),
};
const wanted = positionals.length === 0 ? Object.keys(benchmarks) : positionals;
const unknown = wanted.filter((name) => benchmarks[name] === undefined);
const { pairs, seconds, rows, assignments, open } = settings;
const isUsable = pairs >= 1 && seconds > 0 && rows >= 100_000 && assignments >= 10_000 && open >= 5000;
if (unknown.length > 0 || !isUsable) {
  console.error(
    `Usage: npm run bench -- [--pairs 11] [--seconds 1.5] [--rows 1000000] [--assignments 1000000] [--open 100000] [${Object.keys(benchmarks).join('|')}]…`,
  );
  process.exit(2);
}

async function runAll(world: World): Promise<Result[]> {
  const all: Result[] = [];
  for (const name of wanted) {
    const begun = performance.now();
    const found = (await benchmarks[name]?.(world, settings)) ?? [];
    console.log(`\n${name}, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    console.log(table(found));
    all.push(...found);
  }
  return all;
}

// Said first, because a busy machine tells nothing: it slows the floor more than the subject.
const busy = os
  .loadavg()
  .map((load) => load.toFixed(1))
  .join(' ');
console.log(`${os.cpus().length} cores, Node ${process.version}, load averages before the start ${busy}`);
await generateClient();
try {
  const failed = (await withWorld(runAll)).filter((result) => !holds(result));
  const worse = failed.filter((result) => isWorse(result));
  const names = worse.map(({ what }) => `"${what.trim()}"`).join(', ');
  console.log(
    failed.length === 0 ? '\nAll within their bounds.' : `\nOut of their bounds: ${failed.length}.`,
  );
  console.log(worse.length === 0 ? 'None is worse than recorded.' : `Worse than recorded: ${names}.`);
  process.exit(failed.length === 0 ? 0 : worse.length === 0 ? 1 : 3);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
