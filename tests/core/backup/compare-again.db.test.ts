import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { compareRestored } from '#core/backup/compare-restored.ts';
import { markRestored } from '#core/backup/mark-restored.ts';
import { readRestoration } from '#core/backup/read-restoration.ts';
import { resumeRestored } from '#core/backup/resume-restored.ts';
import { allowConsumer } from '#core/credentials/allow-consumer.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { fetchSecret } from '#core/credentials/fetch-secret.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { createUser } from '#core/users/create-user.ts';
import { db } from '#lib/db.ts';
import { makeApiClient } from '#tests/support/api-clients.ts';
import { type ClientName, importClient } from '#tests/support/client.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

const actor = system('test');
let sample: Sample;
let targetId: string;

beforeAll(async () => {
  sample = await startSample();
  await createUser(actor, { email: 'ada@example.test', name: 'Ada', role: 'admin' });
  targetId = (await addTarget(actor, { name: 'fetched', kind: 'pull', config: {} })).id;
});
afterAll(() => sample.close());

/** A credential that one application fetches. */
async function pulled(clientId: ClientName) {
  const { credentialId } = await importClient(sample, clientId, { files: 0 });
  const { id: bindingId } = await bindTarget(actor, {
    ...{ credentialId, targetId, place: { application: clientId }, fields: { clientSecret: 'SECRET' } },
  });
  const client = await makeApiClient('viewer');
  await allowConsumer(actor, { bindingId, clientId: client.id });
  const consumer: Actor = { kind: 'api_client', ...client, role: 'viewer', stepUpAt: new Date() };
  const versionId = (await db().prisma.secretVersion.findFirstOrThrow({ where: { credentialId } })).id;
  return { credentialId, versionId, fetch: () => fetchSecret(consumer, { bindingId }) };
}

/** Binds an env file that is given which version it holds. */
async function withVersion(credentialId: string): Promise<string> {
  const { id } = await db().prisma.target.findFirstOrThrow({ where: { kind: 'dotenv' } });
  const file = path.join(fs.mkdtempSync(path.join(sample.places.folder, 'versioned-')), '.env');
  const fields = { clientSecret: 'SECRET', versionId: 'VERSION' };
  await bindTarget(actor, { credentialId, targetId: id, place: { path: file }, fields });
  return file;
}

async function compare(ids: readonly string[]) {
  const { list } = await compareRestored(actor, {});
  return ids.map((id) => list.find(({ credentialId }) => credentialId === id)?.outcome);
}

test('what a second comparison proves is served and named as before, and goes on where no person had paused it', async () => {
  const going = await pulled('two-slots');
  const paused = await pulled('graced');
  const file = await withVersion(going.credentialId);
  await pauseCredential(actor, { credentialId: paused.credentialId, reason: 'Anna looks at it.' });
  const ids = [going.credentialId, paused.credentialId];
  await markRestored(actor, { reason: 'a disk snapshot' });

  const { id, config } = await db().prisma.issuer.findFirstOrThrow({ where: { kind: 'surfacescout' } });
  const reach = (url: string) =>
    db().pool.query('update issuers set config = $2 where id = $1', [
      id,
      JSON.stringify({ ...(config as object), baseUrl: url }),
    ]);
  await reach('http://127.0.0.1:9');
  expect(await compare(ids)).toEqual(['unproven', 'unproven']);
  expect(await db().prisma.servedVersion.count()).toBe(0);
  await reach(sample.places.surfacescout);
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(going.versionId, 'of another database'));
  expect(await compare(ids)).toEqual(['same', 'same']);
  const comparedAt = (await readRestoration(actor, {}))?.comparedAt ?? '';
  await resumeRestored(actor, { comparedAt, readBy: 'ada@example.test' });

  for (const { fetch, versionId } of [going, paused]) expect((await fetch()).secret?.version).toBe(versionId);
  expect(fs.readFileSync(file, 'utf8')).toContain(going.versionId);
  const rows = await db().prisma.credential.findMany({ where: { id: { in: ids } } });
  const isPaused = ids.map((one) => rows.find((row) => row.id === one)?.pausedAt != null);
  expect(isPaused).toEqual([false, true]);
  const noted = { credentialId: { in: ids }, kind: 'after_restore', clearedAt: null };
  expect(await db().prisma.finding.count({ where: noted })).toBe(0);
});
