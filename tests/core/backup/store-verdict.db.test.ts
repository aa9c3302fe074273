import { beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { loadRestored } from '#core/backup/load-restored.ts';
import { storeVerdict } from '#core/backup/store-verdict.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { auditBodies } from '#tests/support/users.ts';

const actor = system('test');
const by = { kind: 'system', id: null, name: 'test' } as const;

let issuerId: string;

beforeAll(async () => {
  const config = { baseUrl: 'http://127.0.0.1:9', adminToken: 'never used' };
  issuerId = (await addIssuer(actor, { name: 'One', kind: 'surfacescout', config })).id;
});

interface Held {
  readonly phase: string;
  readonly hold: string;
  readonly detail: string | null;
}

/** Stores that a credential with a rotation that is held so is not proven; answers the rotation as it is then. */
async function notProven(name: string, { phase, hold, detail }: Held) {
  const [credentialId, rotationId] = [newId(), newId()];
  await db().pool.query(
    `insert into credentials (id, name, issuer_id, place, environment)
     values ($1, $2, $3, '{"clientId":"billing-api"}', 'production')`,
    [credentialId, name, issuerId],
  );
  await db().pool.query(
    `insert into rotations (id, credential_id, strategy, phase, priority, requested_by, plan_digest, grace_seconds,
                            predicted_gap_seconds, hold, hold_detail)
     values ($1, $2, 'overlap', $3, 'manual', '{"kind":"system","id":null,"name":"test"}', 'd', 60, 0, $4, $5)`,
    [rotationId, credentialId, phase, hold, detail],
  );
  const restored = await loadRestored(credentialId);
  if (restored === null) throw new Error('The credential is gone.');
  const sentence = 'It is not proven.';
  const verdict = { outcome: 'unproven', sentence, targets: [], newer: null, isDead: false } as const;
  await storeVerdict(restored, verdict, undefined, by);
  const { rows } = await db().pool.query<Record<string, unknown>>(
    'select hold, hold_detail, fence::int from rotations where id = $1',
    [rotationId],
  );
  return { rotationId, row: rows[0] };
}

test('a rotation that a person holds keeps their words when its credential is not proven after a restore', async () => {
  const detail = 'Anna looks at it.';
  const { row } = await notProven('billing-api', { phase: 'overlap', hold: 'manual_hold', detail });
  expect(row).toEqual({ hold: 'manual_hold', hold_detail: detail, fence: 0 });
  expect(await auditBodies('rotation.held')).toEqual([]);
});

test('a rotation that waits for approvals goes on waiting for them when its credential is not proven, and nobody resumes it', async () => {
  const held = { phase: 'preflight', hold: 'approval_pending', detail: null };
  const { rotationId, row } = await notProven('approved-api', held);
  expect(row).toEqual({ hold: 'approval_pending', hold_detail: null, fence: 0 });
  await expect(resumeRotation(actor, { rotationId })).rejects.toThrow(
    'It goes on by itself once enough people have approved it.',
  );
  expect(await auditBodies('rotation.held')).toEqual([]);
});

test('a rotation that is held for what failed is held for a person when its credential is not proven', async () => {
  const held = { phase: 'deliver', hold: 'target_unhealthy', detail: 'It did not answer.' };
  const { row } = await notProven('failing-api', held);
  expect(row).toEqual({ hold: 'manual_hold', hold_detail: 'It is not proven.', fence: 1 });
  expect(await auditBodies('rotation.held')).toHaveLength(1);
});
