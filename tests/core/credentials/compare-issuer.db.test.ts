import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { issuerConnector } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { findDrift } from '#core/credentials/find-drift.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceThroughRetries, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let client: Client;
/** The rotation that has just ended, and a secret with its tag that no version knows. */
let rotationId: string;
let orphan: string;

beforeAll(async () => {
  sample = await startSample();
  client = await importClient(sample, 'two-slots');
});
afterAll(() => sample.close());

const connector = () => issuerConnector('surfacescout');
type Listed = Awaited<ReturnType<NonNullable<ReturnType<typeof connector>['listSecrets']>>>;

/** The issuer lists something else than it holds. */
function listing(change: (live: Listed) => Listed): void {
  const issuer = connector();
  const listSecrets = issuer.listSecrets?.bind(issuer);
  vi.spyOn(issuer, 'listSecrets').mockImplementation(async (call) =>
    change((await listSecrets?.(call)) ?? []),
  );
}
const untimed = (live: Listed) => live.map((one) => ({ ...one, createdAt: null }));

async function compareLater(interval: string): Promise<void> {
  await moveTime(process.env.DATABASE_URL ?? '', interval);
  await findDrift(100);
}

beforeEach(async () => {
  const { credentialId } = client;
  ({ rotationId } = await requestRotation(system('test'), { credentialId, graceSeconds: 0 }));
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  const answer = await fetch(`${sample.places.surfacescout}/admin/clients/two-slots/secrets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sample.places.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ tag: rotationId }),
  });
  orphan = ((await answer.json()) as { id: string }).id;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await compareLater('2 hours');
  expect(await live()).not.toContain(orphan);
});

const live = async () => (await client.live()).map(({ id }) => id);
const details = async () =>
  (await db().prisma.finding.findMany({ where: { credentialId: client.credentialId, clearedAt: null } })).map(
    ({ detail }) => detail,
  );
const told = async () =>
  (
    await db().prisma.auditEvent.findMany({
      where: { rotationId, action: { startsWith: 'orphan.' } },
      orderBy: { id: 'asc' },
    })
  ).map(({ action }) => action);

test('where the issuer does not say when a secret was made, a forgotten one is removed an hour after its rotation ended', async () => {
  listing(untimed);
  await compareLater('11 minutes');
  expect(await live()).toContain(orphan);
  expect([await details(), await told()]).toEqual([[], []]);
  await compareLater('1 hour');
  expect(await live()).not.toContain(orphan);
  expect([await details(), await told()]).toEqual([[], ['orphan.found', 'orphan.removed']]);
});

test('where the version in use is not listed by its name, what carries its tag is noted and not removed', async () => {
  listing((secrets) => untimed(secrets).map((one) => ({ ...one, externalId: `other-${one.externalId}` })));
  const revoke = vi.spyOn(connector(), 'revoke');
  await compareLater('2 hours');
  expect(revoke).not.toHaveBeenCalled();
  expect(await details()).toEqual([expect.stringContaining(`other-${orphan}`)]);
});

test('a forgotten secret that cannot be removed is told of once, and noted beside those that Rekey does not know', async () => {
  listing((secrets) => [...secrets, { externalId: 'of-somebody-else', createdAt: null, lastUsedAt: null }]);
  vi.spyOn(connector(), 'revoke').mockRejectedValue(new ConnectorError('It may not.', 'never'));
  await compareLater('2 hours');
  await compareLater('11 minutes');
  expect(await told()).toEqual(['orphan.found']);
  expect(await details()).toEqual([
    expect.stringMatching(
      new RegExp(`does not know: of-somebody-else\\. .* could not be removed: ${orphan}\\.`),
    ),
  ]);
  vi.restoreAllMocks();
  await compareLater('11 minutes');
  expect([await details(), await told()]).toEqual([[], ['orphan.found', 'orphan.removed']]);
});
