import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { envFile, rotatingSecret } from '#clients/node/rotating-secret.mjs';

interface Secret {
  clientSecret: string;
  versionId?: string | null;
}

interface Held {
  primary: Secret;
  next?: Secret | null;
}

const v = (n: number): Secret => ({ clientSecret: `value-${n}`, versionId: `v${n}` });
const refusal = () => Object.assign(new Error('refused'), { code: 'invalid_client' });

/** A source and an issuer that accepts some values; both can be changed at any time. */
function aWorld(held: Held, ...accepted: Secret[]) {
  const world = {
    held,
    accepted: new Set(accepted.map((secret) => secret.clientSecret)),
    readings: 0,
    tried: [] as string[],
    reports: [] as unknown[],
    read: () => {
      world.readings += 1;
      return world.held;
    },
    report: (using: unknown) => void world.reports.push(using),
    signIn: async ({ clientSecret, versionId }: Secret) => {
      world.tried.push(clientSecret);
      if (!world.accepted.has(clientSecret)) throw refusal();
      return versionId;
    },
    accept: (...secrets: Secret[]) => {
      world.accepted = new Set(secrets.map((secret) => secret.clientSecret));
    },
  };
  return world;
}

/** A promise that the test resolves. */
function promised<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve: (value: T) => resolve(value) };
}

test('the primary value is used as long as it works, and the next one is not tried', async () => {
  const world = aWorld({ primary: v(1), next: v(2) }, v(1), v(2));
  const secret = rotatingSecret(world);
  expect(secret.using()).toEqual({ versionId: null, slot: null });
  expect(await secret.use(world.signIn)).toBe('v1');
  expect(await secret.use(world.signIn)).toBe('v1');
  expect(world.tried).toEqual(['value-1', 'value-1']);
  expect(secret.using()).toEqual({ versionId: 'v1', slot: 'primary' });
});

test('once the primary value is refused the next one is used, and remembered: it is refused once and not again', async () => {
  const world = aWorld({ primary: v(1), next: v(2) }, v(2));
  const secret = rotatingSecret(world);
  expect(await secret.use(world.signIn)).toBe('v2');
  expect(await secret.use(world.signIn)).toBe('v2');
  expect(world.tried).toEqual(['value-1', 'value-2', 'value-2']);
  expect(secret.using()).toEqual({ versionId: 'v2', slot: 'next' });
});

test('when the primary value is rewritten it is used again, also after the next one is taken away', async () => {
  const world = aWorld({ primary: v(1), next: v(2) }, v(2));
  const secret = rotatingSecret(world);
  await secret.use(world.signIn);
  world.held = { primary: v(2), next: v(2) };
  expect(await secret.use(world.signIn)).toBe('v2');
  expect(secret.using()).toEqual({ versionId: 'v2', slot: 'primary' });
  world.held = { primary: v(2) };
  expect(await secret.use(world.signIn)).toBe('v2');
  expect(world.tried).toEqual(['value-1', 'value-2', 'value-2', 'value-2']);
});

test('when the issuer goes back to the old value, the primary one is used again', async () => {
  const world = aWorld({ primary: v(1), next: v(2) }, v(2));
  const secret = rotatingSecret(world);
  await secret.use(world.signIn);
  world.accept(v(1));
  expect(await secret.use(world.signIn)).toBe('v1');
  expect(await secret.use(world.signIn)).toBe('v1');
  expect(world.tried).toEqual(['value-1', 'value-2', 'value-2', 'value-1', 'value-1']);
});

test('a refusal makes the source be read again: a value that came meanwhile is used', async () => {
  const world = aWorld({ primary: v(1) }, v(2));
  const secret = rotatingSecret({
    ...world,
    read: () => {
      world.readings += 1;
      return world.readings === 1 ? { primary: v(1) } : { primary: v(2), next: null };
    },
  });
  expect(await secret.use(world.signIn)).toBe('v2');
  expect(world.tried).toEqual(['value-1', 'value-2']);
});

test('while the issuer spreads a change, both values may be refused once, and the first is tried again', async () => {
  const world = aWorld({ primary: v(1), next: v(2) });
  const secret = rotatingSecret(world);
  const signIn = (one: Secret) => {
    if (world.tried.length === 2) world.accept(v(1));
    return world.signIn(one);
  };
  expect(await secret.use(signIn)).toBe('v1');
  expect(world.tried).toEqual(['value-1', 'value-2', 'value-1']);
});

test('where nothing else is held, a refused value is tried once, because an issuer may lock after some refusals', async () => {
  for (const held of [{ primary: v(1) }, { primary: v(1), next: v(1) }]) {
    const world = aWorld(held);
    const secret = rotatingSecret(world);
    await expect(secret.use(world.signIn)).rejects.toMatchObject({ code: 'invalid_client' });
    expect(world.tried).toEqual(['value-1']);
    expect(secret.using()).toEqual({ versionId: null, slot: null });
  }
});

test('a refused value is tried once more where the source changed meanwhile, because the issuer may have gone back', async () => {
  const world = aWorld({ primary: v(1), next: v(2) });
  const secret = rotatingSecret(world);
  const signIn = async (one: Secret) => {
    const answer = await world.signIn(one).catch((error: unknown) => error);
    world.held = { primary: v(1) };
    world.accept(v(1));
    if (answer instanceof Error) throw answer;
    return answer;
  };
  expect(await secret.use(signIn)).toBe('v1');
  expect(world.tried).toEqual(['value-1', 'value-1']);
});

test('where every value is refused, the last refusal is the outcome, thrown or returned as the call had it', async () => {
  const world = aWorld({ primary: v(1), next: v(2) });
  const secret = rotatingSecret(world);
  await expect(secret.use(world.signIn)).rejects.toThrow('refused');
  expect(world.tried).toEqual(['value-1', 'value-2', 'value-1']);
  const answered = await secret.use(() => ({ error: 'invalid_client' }));
  expect(answered).toEqual({ error: 'invalid_client' });
});

test('a returned token answer that says invalid_client is a refusal like a thrown one', async () => {
  const world = aWorld({ primary: v(1), next: v(2) });
  const secret = rotatingSecret(world);
  const answered = await secret.use(({ clientSecret }) =>
    clientSecret === 'value-2' ? { access_token: 't' } : { error: 'invalid_client' },
  );
  expect(answered).toEqual({ access_token: 't' });
  expect(secret.using()).toEqual({ versionId: 'v2', slot: 'next' });
});

test('any other failure is thrown at once: no other value is tried and nothing is reported', async () => {
  const world = aWorld({ primary: v(1), next: v(2) }, v(1));
  const secret = rotatingSecret(world);
  const call = async ({ clientSecret }: Secret) => {
    world.tried.push(clientSecret);
    throw new Error('connect ECONNREFUSED');
  };
  await expect(secret.use(call)).rejects.toThrow('ECONNREFUSED');
  expect(world.tried).toEqual(['value-1']);
  expect(world.reports).toEqual([]);
});

test('what a refusal looks like can be told, for what is not OAuth', async () => {
  const world = aWorld({ primary: v(1), next: v(2) });
  const secret = rotatingSecret({
    ...world,
    isRefused: (outcome) => outcome instanceof Error && outcome.message === '28P01',
  });
  const connect = async ({ clientSecret }: Secret) => {
    if (clientSecret === 'value-1') throw new Error('28P01');
    return 'connected';
  };
  expect(await secret.use(connect)).toBe('connected');
});

test('many uses at once all succeed, and one change is reported once', async () => {
  const world = aWorld({ primary: v(1), next: v(2) }, v(1));
  const secret = rotatingSecret(world);
  const many = () => Promise.all(Array.from({ length: 50 }, () => secret.use(world.signIn)));
  expect(new Set(await many())).toEqual(new Set(['v1']));
  world.accept(v(2));
  expect(new Set(await many())).toEqual(new Set(['v2']));
  world.held = { primary: v(2) };
  expect(new Set(await many())).toEqual(new Set(['v2']));
  expect(world.reports).toEqual([
    { versionId: 'v1', slot: 'primary' },
    { versionId: 'v2', slot: 'next' },
    { versionId: 'v2', slot: 'primary' },
  ]);
});

test('an answer that was long under way does not turn back what is reported', async () => {
  const world = aWorld({ primary: v(1), next: v(2) }, v(1));
  const secret = rotatingSecret(world);
  const late = promised<string>();
  const began = promised<void>();
  const slow = secret.use(() => {
    began.resolve();
    return late.promise;
  });
  await began.promise;
  world.accept(v(2));
  await secret.use(world.signIn);
  late.resolve('accepted before the change');
  expect(await slow).toBe('accepted before the change');
  expect(secret.using()).toEqual({ versionId: 'v2', slot: 'next' });
  expect(world.reports).toEqual([{ versionId: 'v2', slot: 'next' }]);
});

test('a report that fails fails no use', async () => {
  for (const report of [() => Promise.reject(new Error('no route')), () => JSON.parse('{')]) {
    const world = aWorld({ primary: v(1) }, v(1));
    const secret = rotatingSecret({ ...world, report });
    expect(await secret.use(world.signIn)).toBe('v1');
    expect(await secret.use(world.signIn)).toBe('v1');
  }
});

test('uses that wait for the source share a reading, and each gets one that began after it asked', async () => {
  const readings: ReturnType<typeof promised<Held>>[] = [];
  const read = () => {
    const reading = promised<Held>();
    readings.push(reading);
    return reading.promise;
  };
  const began = async (count: number) => {
    while (readings.length < count) await new Promise(setImmediate);
  };
  const secret = rotatingSecret({ read });
  const versionOf = ({ versionId }: Secret) => versionId;
  const first = secret.use(versionOf);
  await began(1);
  const others = Promise.all([secret.use(versionOf), secret.use(versionOf), secret.use(versionOf)]);
  readings[0]?.resolve({ primary: v(1) });
  await began(2);
  readings[1]?.resolve({ primary: v(2) });
  expect(await first).toBe('v1');
  expect(await others).toEqual(['v2', 'v2', 'v2']);
  expect(readings).toHaveLength(2);
});

test('a source that cannot be read fails the uses that asked, and not the ones after', async () => {
  const world = aWorld({ primary: v(1) }, v(1));
  let broken = true;
  const secret = rotatingSecret({
    ...world,
    read: () => {
      if (broken) throw new Error('no such file');
      return world.held;
    },
  });
  const both = await Promise.allSettled([secret.use(world.signIn), secret.use(world.signIn)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  broken = false;
  expect(await secret.use(world.signIn)).toBe('v1');
  world.held = { primary: { clientSecret: '' } };
  await expect(secret.use(world.signIn)).rejects.toThrow('holds no primary clientSecret');
});

test('the object itself shows no secret', async () => {
  const world = aWorld({ primary: v(1), next: v(2) }, v(2));
  const secret = rotatingSecret(world);
  await secret.use(world.signIn);
  expect(inspect(secret, { depth: 9, showHidden: true }) + JSON.stringify(secret)).not.toContain('value-');
  expect(JSON.stringify([secret.using(), world.reports])).not.toContain('value-');
});

type Step = Held | { accepts: Secret };

/** Takes the steps one after the other while three callers use the secret, in any order that a machine might choose. */
async function usedDuring(scheduler: fc.Scheduler, world: ReturnType<typeof aWorld>, steps: Step[]) {
  const act = (step: Step) => {
    if ('accepts' in step) world.accept(step.accepts);
    else world.held = step;
  };
  scheduler.scheduleSequence(
    steps.map((step) => ({ label: JSON.stringify(step), builder: async () => act(step) })),
  );
  const secret = rotatingSecret({
    read: async () => {
      await scheduler.schedule(Promise.resolve(), 'reading');
      return world.held;
    },
  });
  const caller = async () => {
    for (let time = 0; time < 4; time += 1) {
      await secret.use(async (one) => {
        await scheduler.schedule(Promise.resolve(), 'sign-in');
        return world.signIn(one);
      });
    }
  };
  await scheduler.waitFor(Promise.all([caller(), caller(), caller()]));
  await scheduler.waitIdle();
  await scheduler.waitFor(secret.use(world.signIn));
  return secret.using();
}

test('whatever comes between what, no use fails while a prestaged rotation goes forward, nor while it goes back from anywhere', async () => {
  const old = v(1);
  const coming = v(2);
  const forward: Step[] = [
    { primary: old, next: coming },
    { accepts: coming },
    { primary: coming, next: coming },
    { primary: coming },
  ];
  const back = (primary: Secret): Step[] => [
    { primary, next: old },
    { accepts: old },
    { primary: old, next: old },
    { primary: old },
  ];
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), async (scheduler, taken) => {
      const world = aWorld({ primary: old }, old);
      const there = await usedDuring(scheduler, world, forward.slice(0, taken));
      expect(there.versionId).toBe(taken > 1 ? 'v2' : 'v1');
      const again = await usedDuring(scheduler, world, taken > 2 ? back(coming) : back(old).slice(1));
      expect(again).toEqual({ versionId: 'v1', slot: 'primary' });
    }),
    { numRuns: 300 },
  );
});

async function anEnvFile(text: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rekey-client-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, '.env');
  await writeFile(file, text);
  return file;
}

const keys = { clientId: 'SCOUT_ID', clientSecret: 'SCOUT_SECRET', versionId: 'SCOUT_VERSION' };

test('an env file gives the primary and the next value with the version of each', async () => {
  const file = await anEnvFile(
    'SCOUT_ID=me\nSCOUT_SECRET=\'s 1\'\nSCOUT_VERSION=v1\nSCOUT_SECRET_NEXT="s 2"\nSCOUT_VERSION_NEXT=v2\n',
  );
  expect(await envFile(file, keys)()).toEqual({
    primary: { clientId: 'me', clientSecret: 's 1', versionId: 'v1' },
    next: { clientId: 'me', clientSecret: 's 2', versionId: 'v2' },
  });
});

test('a next value without a version is not given the version of the primary one', async () => {
  const file = await anEnvFile('SCOUT_ID=me\nSCOUT_SECRET=1\nSCOUT_VERSION=v1\nSCOUT_SECRET_NEXT=2\n');
  expect((await envFile(file, keys)()).next).toEqual({ clientId: 'me', clientSecret: '2', versionId: null });
});

test('an env file without a next value, a version or a needed key says so', async () => {
  const file = await anEnvFile('SCOUT_ID=me\nSCOUT_SECRET=1\nSCOUT_VERSION_NEXT=v2\nSCOUT_SECRET_NEXT=\n');
  expect(await envFile(file, keys)()).toEqual({
    primary: { clientId: 'me', clientSecret: '1', versionId: null },
    next: null,
  });
  await writeFile(file, 'SCOUT_SECRET=1\n');
  await expect(envFile(file, keys)()).rejects.toMatchObject({
    message: `${file} has no value for SCOUT_ID.`,
    missingKey: 'SCOUT_ID',
  });
  await rm(file);
  await expect(envFile(file, keys)()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('the module imports nothing but Node', async () => {
  const source = await readFile(
    new URL('../../../clients/node/rotating-secret.mjs', import.meta.url),
    'utf8',
  );
  const imported = [...source.matchAll(/\bfrom '([^']+)'|import\('([^']+)'\)/g)].map(
    (match) => match[1] ?? match[2],
  );
  expect(imported.filter((name) => !name?.startsWith('node:'))).toEqual([]);
});
