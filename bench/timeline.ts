import fs from 'node:fs';
import { parseArgs } from 'node:util';
import pg from 'pg';
import type { Asked } from '#bench/child.ts';
import type { EngineHandlers } from '#bench/engine.ts';
import type { Mark } from '#bench/marks.ts';
import { backends } from '#bench/parts.ts';
import { median } from '#bench/runner.ts';
import { type World, withWorld } from '#bench/world.ts';
import { generateClient } from '#scripts/launcher/build.ts';

/*
 * npx tsx bench/timeline.ts: where the time of one rotation on an idle system goes. Prints, of many rotations one after
 * the other, when each wait began and how long it took (medians), and which process used the processor meanwhile.
 */

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '6' }, warm: { type: 'string', default: '20' } },
});

interface Noted {
  who: string;
  at: number;
  what: string;
}

type Part = Pick<Asked<never>, 'marks' | 'pid'>;

async function notedBy(parts: Record<string, Part>): Promise<Noted[]> {
  const all: Noted[] = [];
  for (const [who, part] of Object.entries(parts)) {
    all.push(
      ...(await part.marks()).map(({ at, what }: Mark) => ({ who, at: Number(BigInt(at)) / 1e6, what })),
    );
  }
  return all.sort((one, other) => one.at - other.at);
}

/** Every wait of one rotation: when it began and ended, in milliseconds since the click. */
interface Wait {
  name: string;
  from: number;
  to: number;
}

function waitsOf(noted: readonly Noted[]): Wait[] {
  const clicked = noted[0]?.at ?? 0;
  const waits: Wait[] = [];
  const open = new Map<string, Wait[]>();
  for (const { who, at, what } of noted) {
    const [, label = what, side] = /^(.*) ([<>])$/.exec(what) ?? [];
    const place = `${who}: ${label}`;
    if (side === '<') {
      const wait = open.get(place)?.shift();
      if (wait !== undefined) wait.to = at - clicked;
      continue;
    }
    const wait = { name: place, from: at - clicked, to: side === undefined ? at - clicked : Number.NaN };
    waits.push(wait);
    if (side === '>') open.set(place, [...(open.get(place) ?? []), wait]);
  }
  // The second of a kind is another step than the first.
  const seen = new Map<string, number>();
  return waits.map((wait) => {
    const nth = (seen.get(wait.name) ?? 0) + 1;
    seen.set(wait.name, nth);
    return { ...wait, name: nth === 1 ? wait.name : `${wait.name} #${nth}` };
  });
}

/** The marks, cut at each click; the last piece may be incomplete. */
function perRotation(noted: readonly Noted[]): Noted[][] {
  const cuts = noted.flatMap(({ what }, index) => (what === 'click' ? [index] : []));
  return cuts.slice(0, -1).map((cut, index) => noted.slice(cut, cuts[index + 1]));
}

function printTimeline(noted: readonly Noted[]): void {
  const rotations = perRotation(noted).map(waitsOf);
  const byName = new Map<string, { from: number[]; took: number[] }>();
  for (const { name, from, to } of rotations.flat()) {
    const known = byName.get(name) ?? { from: [], took: [] };
    known.from.push(from);
    if (!Number.isNaN(to)) known.took.push(to - from);
    byName.set(name, known);
  }
  // What only some rotations meet, such as a sweep, is told with how many did.
  const lines = [...byName]
    .map(([name, { from, took }]) => ({ name, from: median(from), took: median(took), met: from.length }))
    .filter(({ met }) => met * 20 > rotations.length)
    .sort((one, other) => one.from - other.from);
  for (const { name, from, took, met } of lines) {
    const share = met === rotations.length ? '' : `  in ${Math.round((met / rotations.length) * 100)} %`;
    console.log(`  ${from.toFixed(2).padStart(7)}  ${took.toFixed(2).padStart(6)}  ${name}${share}`);
  }
}

const fieldsOf = (pid: number | string) =>
  fs
    .readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');

const parentOf = (pid: number | string) => Number(fieldsOf(pid)[1]);

function childrenOf(parent: number): number[] {
  return fs.readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) && parentOf(name) === parent ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** The process that all processes of Postgres come from. */
async function postmasterOf({ subjectUrl }: World): Promise<number> {
  const client = new pg.Client({ connectionString: subjectUrl });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const postmaster = parentOf(rows[0]?.pid ?? 0);
  await client.end();
  return postmaster;
}

/** Milliseconds of the processor that a process has used, also in the kernel. */
function cpuOf(pid: number): number {
  try {
    const fields = fieldsOf(pid);
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

/** What all processors did meanwhile, in milliseconds: idle, and everything. */
function machine(): { idle: number; all: number } {
  const [, ...ticks] = (fs.readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).map(Number);
  const [, , , idle = 0, waiting = 0] = ticks;
  return { idle: (idle + waiting) * 10, all: ticks.reduce((total, value) => total + value, 0) * 10 };
}

async function look(world: World, name: string, redis: string | null): Promise<void> {
  const env: Record<string, string> = redis === null ? {} : { REDIS_URL: redis };
  const engine = await world.start<EngineHandlers>('engine', env);
  await engine.ask('importCredentials', 16);
  const worker = await world.start<never>('worker', env);
  await engine.ask('run', { seconds: Number(values.warm), concurrency: 4 });
  const parts = { click: engine, worker, peers: world.peers };
  const pids = await Promise.all(
    Object.entries(parts).map(async ([who, part]) => ({ who, pid: await part.pid() })),
  );
  const postmaster = await postmasterOf(world);
  const cpu = () => {
    const used = new Map(pids.map(({ who, pid }) => [who, cpuOf(pid)]));
    used.set(
      'postgres',
      childrenOf(postmaster).reduce((total, pid) => total + cpuOf(pid), 0),
    );
    return used;
  };
  await engine.ask('run', { seconds: 1, concurrency: 1 });
  await notedBy(parts);
  const before = { cpu: cpu(), machine: machine() };
  const { count, seconds, times } = await engine.ask('run', {
    seconds: Number(values.seconds),
    concurrency: 1,
  });
  const after = { cpu: cpu(), machine: machine() };
  const noted = await notedBy(parts);
  const toCurrent = median(times.map((time) => time.toCurrent));
  console.log(
    `\n${name}: ${count} rotations, to current ${toCurrent.toFixed(1)} ms, to the end ${median(times.map((time) => time.toEnd)).toFixed(1)} ms`,
  );
  printTimeline(noted);
  const used = [...after.cpu].map(
    ([who, ms]) => `${who} ${((ms - (before.cpu.get(who) ?? 0)) / count).toFixed(2)}`,
  );
  const idle = ((after.machine.idle - before.machine.idle) / (after.machine.all - before.machine.all)) * 100;
  console.log(
    `  processor per rotation of ${((seconds * 1000) / count).toFixed(1)} ms: ${used.join(', ')} ms; the machine was idle for ${idle.toFixed(0)} %`,
  );
  await worker.stop();
  await engine.stop();
}

process.env.BENCH_MARKS ??= 'on';
await generateClient();
await withWorld(async (world) => {
  const { postgres, redis } = await backends(world);
  for (const backend of [postgres, ...(redis === null ? [] : [redis])]) {
    await look(world, backend.name, backend.redis);
  }
});
process.exit(0);
