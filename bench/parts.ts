import type { Asked } from '#bench/child.ts';
import type { EngineHandlers } from '#bench/engine.ts';
import type { FloorHandlers } from '#bench/floor.ts';
import type { Load } from '#bench/load.ts';
import type { World } from '#bench/world.ts';

/** What one run did: of the floor, or of the engine as a whole. */
export interface Run {
  perSecond: number;
  /** Milliseconds of the processor per rotation: of the floor's process, or of all workers together. */
  cpuMs: number;
  /** The same of the process that clicks. */
  clickCpuMs: number;
  /** Calls outside per rotation. */
  calls: number;
  toCurrentMs: number[];
  toEndMs: number[];
}

export interface Rotator {
  run(load: Load): Promise<Run>;
  stop(): Promise<void>;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

interface Clicker {
  cpu(): Promise<number>;
  run(load: Load): Promise<{ count: number; seconds: number; times: { toCurrent: number; toEnd: number }[] }>;
}

async function measured(
  { peers }: World,
  clicker: Clicker,
  workers: Asked<never>[],
  load: Load,
): Promise<Run> {
  const cpu = async () => [
    await clicker.cpu(),
    ...(await Promise.all(workers.map((worker) => worker.cpu()))),
  ];
  await peers.ask('calls', undefined);
  const before = await cpu();
  const { count, seconds, times } = await clicker.run(load);
  const used = (await cpu()).map((value, index) => value - (before[index] ?? 0));
  const [click = 0, ...work] = used;
  return {
    perSecond: count / seconds,
    cpuMs: ((workers.length === 0 ? click : sum(work)) * 1000) / count,
    clickCpuMs: (click * 1000) / count,
    calls: (await peers.ask('calls', undefined)) / count,
    toCurrentMs: times.map((time) => time.toCurrent),
    toEndMs: times.map((time) => time.toEnd),
  };
}

/** The floor, in a process of its own. `serial`: one call after the other. */
export async function startFloor(world: World, { serial } = { serial: false }): Promise<Rotator> {
  const floor = await world.start<FloorHandlers>('floor');
  const clicker: Clicker = { cpu: floor.cpu, run: (load) => floor.ask('run', { ...load, serial }) };
  return { run: (load) => measured(world, clicker, [], load), stop: floor.stop };
}

interface EngineOptions {
  redis: string | null;
  credentials: number;
  workers: number;
}

/** The whole engine: a process that clicks, and workers that answer, over BullMQ on Redis or on Postgres. */
export async function startEngine(world: World, options: EngineOptions): Promise<Rotator> {
  const env: Record<string, string> = options.redis === null ? {} : { REDIS_URL: options.redis };
  const engine = await world.start<EngineHandlers>('engine', env);
  await engine.ask('importCredentials', options.credentials);
  const workers: Asked<never>[] = [];
  for (let n = 0; n < options.workers; n += 1) {
    workers.push(await world.start<never>('worker', env));
  }
  const clicker: Clicker = { cpu: engine.cpu, run: (load) => engine.ask('run', load) };
  return {
    run: (load) => measured(world, clicker, workers, load),
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await engine.stop();
    },
  };
}

/** By then Node has compiled what a rotation runs through; until there its CPU time falls by a half. */
const WARM = { rotations: 2000, runs: 15 };

/**
 * Rotates until each worker is as warm as one that has worked for a while, or for half a minute: the engine is more code than
 * the floor and rotates less often, so it takes longer until all of it is compiled.
 */
export async function warmUp(engine: Rotator, workers: number, concurrency: number): Promise<void> {
  let rotated = 0;
  for (let n = 0; n < WARM.runs && rotated < WARM.rotations * workers; n += 1) {
    rotated += 2 * (await engine.run({ seconds: 2, concurrency })).perSecond;
  }
}

export interface Backend {
  name: string;
  redis: string | null;
}

/** The queue's two backends; `null` for Redis where there is none. */
export async function backends(world: World): Promise<{ postgres: Backend; redis: Backend | null }> {
  const redis = await world.redis();
  return {
    postgres: { name: 'queue on Postgres', redis: null },
    redis: redis === null ? null : { name: 'queue on Redis', redis },
  };
}

export const noRedis = { what: 'queue on Redis', skipped: 'no redis-server' };
