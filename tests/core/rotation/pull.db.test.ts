import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatch } from '#app/_doors/api/dispatch.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { apiActor } from '#app/_doors/api-actor.ts';
import { fetchedSecret } from '#clients/node/fetched-secret.mjs';
import { rotatingSecret } from '#clients/node/rotating-secret.mjs';
import { system } from '#core/access/actor.ts';
import { allowConsumer } from '#core/credentials/allow-consumer.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { listFetches } from '#core/credentials/list-fetches.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';
import { accessToken, makeApiClient } from '#tests/support/api-clients.ts';
import { type ClientName, importClient } from '#tests/support/client.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let targetId: string;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
  targetId = (await addTarget(actor, { name: 'fetched', kind: 'pull', config: {} })).id;
});
afterAll(() => sample.close());

/** A credential of the sample vendor with one binding, which an API client fetches from. */
async function pulled(clientId: ClientName, wish: { readsNext?: boolean; needs?: 'adopted' }) {
  const client = await importClient(sample, clientId, { files: 0 });
  const { credentialId } = client;
  const { id: bindingId } = await bindTarget(actor, {
    credentialId,
    targetId,
    place: { application: credentialId },
    fields: { clientSecret: 'SECRET' },
    ...wish,
  });
  const consumer = await makeApiClient('viewer');
  await allowConsumer(actor, { bindingId, clientId: consumer.id });
  return { client, credentialId, bindingId, consumer };
}

/** Consumers that ask the vendor for tokens, four at once, with what they fetch through the whole door. */
function startLoad({ client, bindingId, consumer }: Awaited<ReturnType<typeof pulled>>) {
  const fetched = fetchedSecret({
    url: `http://localhost:3000/api/v1/bindings/${bindingId}`,
    token: () => accessToken({ clientId: consumer.id }),
    keys: { clientSecret: 'SECRET' },
    fetch: (input, init) => dispatch({ routes, actorOf: apiActor }, new Request(input, init)),
  });
  const secret = rotatingSecret({ read: fetched.read, report: fetched.report });
  const tally = { tokens: 0, failures: [] as unknown[] };
  let stopped = false;
  const consume = async () => {
    while (!stopped) {
      await secret
        .use(async ({ clientSecret }: { clientSecret: string }) => {
          if (!(await client.accepts(clientSecret))) throw { error: 'invalid_client' };
        })
        .then(() => {
          tally.tokens += 1;
        })
        .catch((error: unknown) => {
          tally.failures.push(error);
        });
    }
  };
  const running = Promise.all(Array.from({ length: 4 }, consume));
  return async () => {
    stopped = true;
    await running;
    await fetched.close();
    return tally;
  };
}

test.each([
  ['prestage', 'single-chosen', { readsNext: true }, {}, 'read_back'],
  ['overlap', 'two-slots', { needs: 'adopted' }, { graceSeconds: 0 }, 'adopted'],
] as const)(
  '%s: two rotations in a row complete once the consumer has fetched, and fail none of its requests',
  async (strategy, clientId, wish, grace, level) => {
    const scene = await pulled(clientId, wish);
    const { credentialId, bindingId, consumer } = scene;
    const stop = startLoad(scene);
    for (let n = 0; n < 2; n += 1) {
      const { rotationId } = await requestRotation(actor, { credentialId, ...grace });
      const row = await advanceUntil(rotationId, (at) => at.outcome !== null || at.hold !== null);
      expect(row).toMatchObject({ outcome: 'completed', hold: null });
      expect((await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } })).strategy).toBe(
        strategy,
      );
    }
    const { tokens, failures } = await stop();
    expect(failures).toEqual([]);
    expect(tokens).toBeGreaterThan(20);
    const current = await db().prisma.secretVersion.findFirstOrThrow({
      where: { credentialId, state: 'current' },
    });
    const where = { versionId: current.id, bindingId, slot: 'primary' };
    expect(await db().prisma.delivery.findFirstOrThrow({ where })).toMatchObject({ level });
    expect(await listFetches(actor, { credentialId })).toMatchObject([
      { served: 3, next: null, consumers: [{ client: consumer.name, fetched: { version: 3 } }] },
    ]);
  },
);

test('while one of two consumers has not fetched, the old secret is neither replaced as current nor retired', async () => {
  const scene = await pulled('two-slots', {});
  const { client, credentialId, bindingId } = scene;
  const stop = startLoad(scene);
  const late = await makeApiClient('viewer');
  await allowConsumer(actor, { bindingId, clientId: late.id });
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  const held = await advanceThroughRetries(rotationId);
  await stop();
  expect(held).toMatchObject({ phase: 'confirm', hold: 'confirmation_pending' });
  expect(await client.versions()).toEqual([
    { n: 1, state: 'current' },
    { n: 2, state: 'pending' },
  ]);
  expect(await client.live()).toHaveLength(2);
});

test('where nobody may fetch, a rotation is held before the issuer is asked for anything', async () => {
  const { client, credentialId, bindingId } = await pulled('single-listed', {});
  await db().prisma.bindingConsumer.deleteMany({ where: { bindingId } });
  const before = await client.live();
  const { rotationId } = await requestRotation(actor, { credentialId });
  const held = await advanceThroughRetries(rotationId);
  expect(held).toMatchObject({ phase: 'preflight', outcome: null });
  expect(held.holdDetail).toContain('No API client may fetch');
  expect(await client.live()).toEqual(before);
});
