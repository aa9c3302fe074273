import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startConsumer } from '#demo/consumer/start.ts';
import { aFolder, aScout, until } from '#tests/demo/world.ts';

test('a dead secret in the file opens a gap, and the right one closes it', async () => {
  const scout = await aScout({ maxLive: 1 });
  const { clientSecret: old } = await scout.first();
  const { consumer, write } = await aConsumer(scout.url);
  await write(old, 'v1');
  await until(() => consumer.state().versionId === 'v1');
  const failuresBefore = consumer.state().failures;
  const gapsBefore = consumer.state().gaps.length;
  const { secret } = await scout.issued();
  await until(() => consumer.state().failures >= failuresBefore + 2);
  expect(consumer.state().lastError).toBe('invalid_client');
  expect(consumer.state().versionId).toBe('v1');
  expect(consumer.state().gaps.at(-1)?.to).toBeNull();
  await write(secret, 'v2');
  await until(() => consumer.state().versionId === 'v2');
  const { gaps, failures, requests, lastSuccessAt } = consumer.state();
  const gap = gaps.at(-1);
  expect(gaps).toHaveLength(gapsBefore + 1);
  expect(gap?.failures).toBe(failures - failuresBefore);
  expect(Date.parse(gap?.to ?? '')).toBeGreaterThanOrEqual(Date.parse(gap?.from ?? ''));
  expect(requests).toBeGreaterThan(failures);
  expect(lastSuccessAt).not.toBeNull();
});

test('an overlap leaves no gap: the file changes while both secrets work', async () => {
  const scout = await aScout({ maxLive: 2 });
  const { clientSecret: old, id } = await scout.first();
  const { consumer, write } = await aConsumer(scout.url);
  await write(old, 'v1');
  await until(() => consumer.state().versionId === 'v1');
  const failuresBefore = consumer.state().failures;
  const { secret } = await scout.issued();
  await write(secret, 'v2');
  await until(() => consumer.state().versionId === 'v2');
  await scout.revoke(id);
  const { requests } = consumer.state();
  await until(() => consumer.state().requests >= requests + 3);
  expect(consumer.state().failures).toBe(failuresBefore);
});

test('with the next value beside the old one, the issuer replaces its only secret without one failed request', async () => {
  const scout = await aScout({ maxLive: 1, chosenValue: true });
  const { clientSecret: old } = await scout.first();
  const { consumer, write } = await aConsumer(scout.url);
  await write(old, 'v1');
  await until(() => consumer.state().versionId === 'v1');
  const failuresBefore = consumer.state().failures;
  const more = async () => {
    const { requests } = consumer.state();
    await until(() => consumer.state().requests >= requests + 3);
  };
  const coming = 'c'.repeat(40);
  await write(old, 'v1', { secret: coming, version: 'v2' });
  await more();
  expect(consumer.state().versionId).toBe('v1');
  expect((await scout.issue({ value: coming })).ok).toBe(true);
  expect(await scout.signsIn(old)).toBe(false);
  await until(() => consumer.state().versionId === 'v2');
  await more();
  await write(coming, 'v2', { secret: coming, version: 'v2' });
  await more();
  await write(coming, 'v2');
  await more();
  expect(consumer.state()).toMatchObject({ versionId: 'v2', failures: failuresBefore });
});

test('when the issuer is set back to the old value, the consumer goes back without one failed request', async () => {
  const scout = await aScout({ maxLive: 1, chosenValue: true });
  const { clientSecret: old } = await scout.first();
  const { consumer, write } = await aConsumer(scout.url);
  const coming = 'c'.repeat(40);
  await write(old, 'v1', { secret: coming, version: 'v2' });
  await until(() => consumer.state().versionId === 'v1');
  const failuresBefore = consumer.state().failures;
  expect((await scout.issue({ value: coming })).ok).toBe(true);
  await until(() => consumer.state().versionId === 'v2');
  expect((await scout.issue({ value: old })).ok).toBe(true);
  await until(() => consumer.state().versionId === 'v1');
  await write(old, 'v1');
  const { requests } = consumer.state();
  await until(() => consumer.state().requests >= requests + 3);
  expect(consumer.state()).toMatchObject({ versionId: 'v1', failures: failuresBefore });
});

test('a missing file, a missing key and a silent server are failures with a name, not an end', async () => {
  const scout = await aScout();
  const { clientSecret } = await scout.first();
  const { consumer, file, write } = await aConsumer(scout.url);
  await until(() => consumer.state().lastError === 'file_missing');
  await writeFile(file, 'SCOUT_CLIENT_ID=sample\n');
  await until(() => consumer.state().lastError === 'key_missing:SCOUT_CLIENT_SECRET');
  await scout.arm({ on: 'token', kind: 'status', status: 503, times: 1 });
  await write(clientSecret, 'v1');
  await until(() => consumer.state().versionId === 'v1');
  await scout.close();
  await until(() => consumer.state().lastError === 'token_unreachable');
});

test('the consumer tells its state over HTTP, and the secret is nowhere in it', async () => {
  const scout = await aScout();
  const { clientSecret } = await scout.first();
  const { consumer, file, write } = await aConsumer(scout.url);
  await write(clientSecret, 'v1');
  await until(() => consumer.state().versionId === 'v1');
  await rm(file);
  await until(() => consumer.state().lastError === 'file_missing');
  const text = await (await fetch(`${consumer.url}/state`)).text();
  expect(text).not.toContain(clientSecret);
  expect(Object.keys(JSON.parse(text)).sort()).toEqual([
    'failures',
    'gaps',
    'intervalMs',
    'lastError',
    'lastRequestAt',
    'lastSuccessAt',
    'name',
    'requests',
    'startedAt',
    'versionId',
  ]);
  expect((await fetch(`${consumer.url}/other`)).status).toBe(404);
});

async function aConsumer(scoutUrl: string) {
  const file = join(await aFolder(), 'consumer.env');
  const consumer = await startConsumer({
    name: 'importer',
    file,
    tokenUrl: `${scoutUrl}/oauth/token`,
    apiUrl: `${scoutUrl}/api/scans`,
    port: 0,
    intervalMs: 20,
  });
  onTestFinished(() => consumer.close());
  const write = async (secret: string, version: string, next?: { secret: string; version: string }) => {
    const text = `SCOUT_CLIENT_ID=sample\nSCOUT_CLIENT_SECRET="${secret}"\nSCOUT_SECRET_VERSION=${version}\n`;
    const beside = next
      ? `SCOUT_CLIENT_SECRET_NEXT="${next.secret}"\nSCOUT_SECRET_VERSION_NEXT=${next.version}\n`
      : '';
    await writeFile(`${file}.new`, text + beside);
    await rename(`${file}.new`, file);
  };
  return { consumer, file, write };
}
