import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { loadRestored } from '#core/backup/load-restored.ts';
import { storeVerdict } from '#core/backup/store-verdict.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { auditBodies } from '#tests/support/users.ts';

const actor = system('test');
const by = { kind: 'system', id: null, name: 'test' } as const;

test('a rotation that a person holds keeps their words when its credential is not proven after a restore', async () => {
  const config = { baseUrl: 'http://127.0.0.1:9', adminToken: 'never used' };
  const { id: issuerId } = await addIssuer(actor, { name: 'One', kind: 'surfacescout', config });
  const [credentialId, rotationId] = [newId(), newId()];
  await db().pool.query(
    `insert into credentials (id, name, issuer_id, place, environment)
     values ($1, 'billing-api', $2, '{"clientId":"billing-api"}', 'production')`,
    [credentialId, issuerId],
  );
  await db().pool.query(
    `insert into rotations (id, credential_id, strategy, phase, priority, requested_by, plan_digest, grace_seconds,
                            predicted_gap_seconds, hold, hold_detail)
     values ($1, $2, 'overlap', 'overlap', 'manual', '{}', 'd', 60, 0, 'manual_hold', 'Anna looks at it.')`,
    [rotationId, credentialId],
  );
  const restored = await loadRestored(credentialId);
  if (restored === null) throw new Error('The credential is gone.');
  const sentence = 'It is not proven.';
  const verdict = { outcome: 'unproven', sentence, targets: [], newer: null, isDead: false } as const;
  await storeVerdict(restored, verdict, undefined, by);
  const { rows } = await db().pool.query(
    'select hold, hold_detail, fence::int from rotations where id = $1',
    [rotationId],
  );
  expect(rows).toEqual([{ hold: 'manual_hold', hold_detail: 'Anna looks at it.', fence: 0 }]);
  expect(await auditBodies('rotation.held')).toEqual([]);
});
