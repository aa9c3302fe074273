import { afterAll, beforeAll, expect, test } from 'vitest';
import { envFile, rotatingSecret } from '#clients/node/rotating-secret.mjs';
import { system } from '#core/access/actor.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let client: Client;

beforeAll(async () => {
  sample = await startSample();
  client = await importClient(sample, 'single-chosen', { readsNext: true });
});
afterAll(() => sample.close());

/** Consumers that ask for tokens one after the other, eight at once, until they are told to stop. */
function startLoad() {
  const secret = rotatingSecret({ read: envFile(client.files[0] ?? '', { clientSecret: 'SECRET' }) });
  const tally = { tokens: 0, failures: [] as unknown[] };
  let stopped = false;
  const consume = async () => {
    while (!stopped) {
      await secret
        .use(async ({ clientSecret }) => {
          if (!(await client.accepts(clientSecret))) {
            throw { error: 'invalid_client' };
          }
        })
        .then(() => {
          tally.tokens += 1;
        })
        .catch((error: unknown) => {
          tally.failures.push(error);
        });
    }
  };
  const running = Promise.all(Array.from({ length: 8 }, consume));
  return async () => {
    stopped = true;
    await running;
    return tally;
  };
}

test('two rotations in a row of a client with one secret fail no request of a consumer that reads NEXT', async () => {
  const values = [client.valueIn(client.files[0])];
  const stop = startLoad();
  for (let n = 0; n < 2; n += 1) {
    const { rotationId } = await requestRotation(system('test'), { credentialId: client.credentialId });
    const row = await advanceUntil(rotationId, (at) => at.outcome !== null || at.hold !== null);
    expect(row).toMatchObject({ outcome: 'completed' });
    values.push(client.valueIn(client.files[0]));
  }
  const { tokens, failures } = await stop();
  expect(failures).toEqual([]);
  expect(tokens).toBeGreaterThan(20);
  expect(new Set(values).size).toBe(3);
  const { strategy } = await db().prisma.rotation.findFirstOrThrow();
  expect(strategy).toBe('prestage');
});
