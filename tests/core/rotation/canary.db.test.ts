import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
const actor = system('test');

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());

/** Every row of every table, the queue's among them, as text. */
async function everythingStored(): Promise<string> {
  const { pool } = db();
  const { rows: tables } = await pool.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema in ('public', 'bullmq') and table_type = 'BASE TABLE'`,
  );
  const texts = await Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await pool.query<{ text: string }>(`select t::text as text from ${name} t`);
      return rows.map((row) => row.text).join('\n');
    }),
  );
  expect(tables.length).toBeGreaterThan(15);
  return texts.join('\n');
}

test('the text of a secret stands nowhere in the database or the queue, and in no answer of core', async () => {
  const credentialId = await sample.credentialId('fleet-api');
  const old = sample.secretInFile('fleet-api');
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  await advanceUntil(rotationId, (row) => row.phase === 'overlap');
  const fresh = sample.secretInFile('fleet-api');
  const answers = JSON.stringify([
    await readRotation(actor, { rotationId }),
    await readCredential(actor, { credentialId }),
    await listAuditEvents(actor, {}),
  ]);
  const stored = await everythingStored();
  // The search itself must be able to find something.
  expect(stored).toContain(rotationId);
  for (const secret of [old, fresh, sample.places.adminToken, sample.places.signingSecret]) {
    expect(secret.length).toBeGreaterThan(10);
    for (const text of [
      secret,
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('hex'),
    ]) {
      expect(stored.includes(text)).toBe(false);
      expect(answers.includes(text)).toBe(false);
    }
  }
});
