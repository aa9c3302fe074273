import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { issuerConnector } from '#connectors/registry.ts';
import { type Actor, system } from '#core/access/actor.ts';
import { archiveCredential } from '#core/credentials/archive-credential.ts';
import { abandonRotation } from '#core/rotation/abandon-rotation.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { holdRotation } from '#core/rotation/hold-rotation.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { importClient } from '#tests/support/client.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
const actor = system('test');
const reason = 'the account is closed';

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());

const later = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);
const refused = (call: Promise<unknown>) =>
  expect(call).rejects.toMatchObject({ status: 409, code: 'not_now' });

async function lastEvent(rotationId: string): Promise<unknown> {
  const [row] = await db().prisma.auditEvent.findMany({
    where: { rotationId },
    orderBy: { id: 'desc' },
    take: 1,
  });
  return JSON.parse(row?.body ?? '{}');
}

test('an assisted rotation whose vendor is gone can be abandoned, and its credential archived then', async () => {
  const credentialId = await sample.credentialId('partner-portal');
  const { rotationId } = await requestRotation(actor, { credentialId });
  await advanceUntil(rotationId, ({ phase }) => phase === 'await_secret');
  await sample.rotateOnVendorsPage('partner-portal');
  await later('6 seconds');
  await advanceUntil(rotationId, () => true);
  await refused(cancelRotation(actor, { rotationId }));
  await refused(rollBackRotation(actor, { rotationId }));
  const archive = () => archiveCredential(actor, { credentialId, name: 'partner-portal' });
  await expect(archive()).rejects.toMatchObject({ code: 'rotation_open' });
  await refused(abandonRotation(actor, { rotationId, reason }));
  await holdRotation(actor, { rotationId });
  await abandonRotation(actor, { rotationId, reason });
  expect(await readRotation(actor, { rotationId })).toMatchObject({ outcome: 'abandoned', hold: null });
  expect(await lastEvent(rotationId)).toMatchObject({
    action: 'rotation.abandoned',
    reason,
    atIssuer: [1],
    atTargets: [{ versions: [1] }],
  });
  await archive();
});

test('a rotation whose client was deleted in its overlap can be abandoned; the new version stays current', async () => {
  const { credentialId } = await importClient(sample, 'two-slots');
  const gone = vi
    .spyOn(issuerConnector('surfacescout'), 'revoke')
    .mockRejectedValue(new ConnectorError('There is no such client.', 'never'));
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ phase: 'revoke', hold: 'issuer_failed' });
  await abandonRotation(actor, { rotationId, reason });
  expect(await lastEvent(rotationId)).toMatchObject({ atIssuer: [1, 2], atTargets: [{ versions: [2] }] });
  gone.mockRestore();
  // What it left working is retired by the next one.
  const next = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  expect(await advanceThroughRetries(next.rotationId)).toMatchObject({ outcome: 'completed' });
  const versions = await db().prisma.secretVersion.findMany({
    where: { credentialId },
    orderBy: { n: 'asc' },
  });
  expect(versions.map(({ state }) => state)).toEqual(['revoked', 'revoked', 'current']);
});

test('nothing is abandoned that can be cancelled or rolled back, or that a worker is still at', async () => {
  const { credentialId } = await importClient(sample, 'two-slots');
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  await holdRotation(actor, { rotationId });
  await refused(abandonRotation(actor, { rotationId, reason }));
  await cancelRotation(actor, { rotationId });
  const other = await requestRotation(actor, { credentialId, priority: 'breach' });
  await db().pool.query(
    `update rotations set phase = 'revoke', hold = 'manual_hold', lease_until = rekey_now() + interval '9 seconds' where id = $1`,
    [other.rotationId],
  );
  await refused(abandonRotation(actor, { rotationId: other.rotationId, reason }));
  await later('10 seconds');
  await abandonRotation(actor, { rotationId: other.rotationId, reason });
});

test('it takes an admin who has just proved who they are, and a reason', async () => {
  const rotationId = newId();
  const who = (role: 'admin' | 'operator', stepUpAt: Date): Actor => ({
    kind: 'user',
    id: newId(),
    name: role,
    role,
    stepUpAt,
  });
  const refusal = (of: Actor, why = reason) =>
    abandonRotation(of, { rotationId, reason: why }).catch(({ code }: { code: string }) => code);
  expect(await refusal(who('operator', new Date()))).toBe('role_missing');
  expect(await refusal(who('admin', new Date(0)))).toBe('step_up_required');
  expect(await refusal(actor, ' ')).toBe('bad_input');
});

test('a breach that ends a rotation which has changed nothing can be cancelled', async () => {
  const { credentialId } = await importClient(sample, 'two-slots');
  await requestRotation(actor, { credentialId });
  const { rotationId } = await requestRotation(actor, { credentialId, priority: 'breach' });
  await cancelRotation(actor, { rotationId });
  expect(await readRotation(actor, { rotationId })).toMatchObject({ outcome: 'cancelled' });
});
