import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { open } from '#core/vault/seal.ts';
import { listWebhookMessages } from '#core/webhooks/list-webhook-messages.ts';
import { db } from '#lib/db.ts';
import { actor, addEndpoint, type Receiver, startReceiver, sweep } from '#tests/core/webhooks/receiver.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let receiver: Receiver;
let other: Receiver;

beforeAll(async () => {
  sample = await startSample();
  receiver = await startReceiver();
  other = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await other.close();
  await sample.close();
});

test('a whole rotation is told of in its order, and no message holds a value of a secret', async () => {
  const { id } = await addEndpoint('receiver', receiver.url, [
    'rotation.*',
    'secret.*',
    'step.*',
    'credential.*',
  ]);
  const everything = await addEndpoint('everything', other.url, ['*']);
  const credentialId = await sample.credentialId('fleet-api');
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  await advanceUntil(rotationId, ({ outcome }) => outcome !== null);
  await sweep();
  const told = receiver.received.filter(({ data }) => data.rotationId === rotationId).map(({ type }) => type);
  const order = [
    'rotation.requested',
    'rotation.started',
    'secret.issued',
    'rotation.promoted',
    'secret.revoked',
  ];
  expect(told.filter((type) => order.includes(type))).toEqual(order);
  expect(told.at(-1)).toBe('rotation.completed');
  expect(await listWebhookMessages(actor, { endpointId: id, state: 'waiting' })).toEqual([]);
  const { rows } = await db().pool.query<{ id: string; sealed: string }>(
    `select id, sealed from secret_versions where sealed is not null`,
  );
  const values = rows.flatMap((row) => {
    const opened = open({ table: 'secret_versions', id: row.id, field: 'sealed' }, row.sealed).expose();
    const fields = JSON.parse(opened) as Record<string, string>;
    return fields.clientSecret === undefined ? [] : [fields.clientSecret];
  });
  const secrets = [...values, everything.secret];
  expect(secrets.length).toBeGreaterThan(4);
  const text = JSON.stringify([receiver.received, other.received]);
  expect(text).toContain(rotationId);
  expect(secrets.filter((value) => text.includes(value))).toEqual([]);
});
