import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { issuerConnector } from '#connectors/registry.ts';
import { type Actor, auditActor, system } from '#core/access/actor.ts';
import { compareRestored } from '#core/backup/compare-restored.ts';
import { readRestoration } from '#core/backup/read-restoration.ts';
import { restoreBackup } from '#core/backup/restore-backup.ts';
import { resumeRestored } from '#core/backup/resume-restored.ts';
import { writeBackup } from '#core/backup/write-backup.ts';
import { findDrift } from '#core/credentials/find-drift.ts';
import { unpauseCredential } from '#core/credentials/unpause-credential.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { approveRotation } from '#core/rotation/approve-rotation.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { readApproval } from '#core/rotation/read-approval.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { createUser } from '#core/users/create-user.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { scratchFolder } from '#tests/support/folder.ts';
import { dropAllPlain, useNew } from '#tests/support/restored.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';
import { auditBodies } from '#tests/support/users.ts';

/* A rotation that was open when the backup was made, and has ended since beside the restored database. */

const actor = system('test');
const user = { id: newId(), name: 'Ben', role: 'approver' } as const;
const ben: Actor = { kind: 'user', ...user, stepUpAt: new Date() };
let sample: Sample | undefined;

afterAll(async () => {
  vi.restoreAllMocks();
  await sample?.close();
  await dropAllPlain();
});

/** A credential whose rotation waits for Ben's approval. */
async function waitingForBen(world: Sample): Promise<{ client: Client; rotationId: string }> {
  await createUser(actor, { email: 'ada@example.test', name: 'Ada', role: 'admin' });
  await db().prisma.user.create({ data: { ...user, email: 'ben@example.test' } });
  const client = await importClient(world, 'two-slots');
  const { credentialId } = client;
  const rhythm = { intervalSeconds: 86_400 };
  const { id: policyId } = await createPolicy(actor, {
    name: 'four eyes',
    rhythm,
    graceSeconds: 60,
    approvals: 1,
  });
  await assignPolicy(actor, { credentialId, policyId });
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  return { client, rotationId };
}

/** Every secret at the issuer is older than what counts as forgotten. */
function letSecretsAge(): void {
  const connector = issuerConnector('surfacescout');
  const list = connector.listSecrets;
  if (list === undefined) throw new Error('The sample vendor lists no secrets.');
  vi.spyOn(connector, 'listSecrets').mockImplementation(async (call) =>
    (await list(call)).map((secret) => ({ ...secret, createdAt: new Date(0) })),
  );
}

/** Somebody makes a secret on the vendor's page: the vendor itself keeps the last one of a client from being revoked. */
async function issueByHand({ places }: Sample): Promise<void> {
  const headers = { authorization: `Bearer ${places.adminToken}`, 'content-type': 'application/json' };
  const url = `${places.surfacescout}/admin/clients/two-slots/secrets`;
  expect((await fetch(url, { method: 'POST', headers, body: '{}' })).ok).toBe(true);
}

test('the secret that a rotation made after the backup is named, and stays once the rotation is cancelled as advised', {
  timeout: 240_000,
}, async () => {
  const file = path.join(scratchFolder(), 'old.backup');
  await useNew('waiting');
  sample = await startSample();
  const { client, rotationId } = await waitingForBen(sample);
  await writeBackup(file);
  const { plan } = await readApproval(ben, { rotationId });
  await approveRotation(ben, { rotationId, digest: plan.digest });
  await advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');
  const inUse = client.valueIn(client.files[0]);
  await issueByHand(sample);

  const { ownerUrl } = await useNew('restored');
  await restoreBackup(file, { ownerUrl, app: db(), actor: auditActor(actor) });
  const { list } = await compareRestored(actor, {});
  const made = (await client.live()).find(({ tag }) => tag === rotationId);
  expect(list.find(({ credentialId }) => credentialId === client.credentialId)).toMatchObject({
    outcome: 'unproven',
    sentence: expect.stringContaining(`and it may be in use: ${made?.id}. Look at its targets`),
  });
  const comparedAt = (await readRestoration(actor, {}))?.comparedAt ?? '';
  await resumeRestored(actor, { comparedAt, readBy: 'ada@example.test' });
  await cancelRotation(actor, { rotationId });
  const { credentialId } = client;
  await unpauseCredential(actor, { credentialId });
  letSecretsAge();
  await db().pool.query(
    `update credentials set drift_at = rekey_now() - interval '1 day' where id = $1::uuid`,
    [credentialId],
  );
  expect(await findDrift(1)).toBe(1);
  expect(await client.accepts(inUse)).toBe(true);
  expect(await auditBodies('orphan.removed')).toEqual([]);
  const noted = { credentialId, kind: 'unknown_secret', clearedAt: null };
  expect(await db().prisma.finding.count({ where: noted })).toBe(1);
});
