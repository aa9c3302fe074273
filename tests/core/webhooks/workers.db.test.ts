import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { listWebhookEndpoints } from '#core/webhooks/list-webhook-endpoints.ts';
import { removeWebhookEndpoint } from '#core/webhooks/remove-webhook-endpoint.ts';
import {
  actor,
  addEndpoint,
  happen,
  later,
  namesOf,
  type Receiver,
  startReceiver,
  sweep,
  verified,
} from '#tests/core/webhooks/receiver.ts';
import { startProcess } from '#tests/support/starter.ts';
import { sendWebhooks } from '#workers/webhooks.ts';

let receiver: Receiver;
let other: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  other = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await other.close();
});

beforeEach(async () => {
  for (const { id } of await listWebhookEndpoints(actor, {})) {
    await removeWebhookEndpoint(actor, { endpointId: id });
  }
  await sealEvents();
  for (const one of [receiver, other]) {
    one.answer = () => 204;
    one.received.length = 0;
  }
});

const never = () => new Promise<number>(() => {});
const patient = { timeout: 30_000, interval: 20 };

test('an endpoint that does not answer delays no other, and what it was being sent is sent again when the worker stops', async () => {
  await addEndpoint('slow', receiver.url);
  await addEndpoint('quick', other.url);
  receiver.answer = never;
  const worker = sendWebhooks(20);
  onTestFinished(() => worker.stop());
  await happen('first');
  await sealEvents();
  await expect.poll(() => receiver.received.length, patient).toBe(1);
  for (const name of ['second', 'third']) {
    await happen(name);
    await sealEvents();
  }
  await expect.poll(() => namesOf(other.received), patient).toEqual(['first', 'second', 'third']);
  // All that time the first one has been waiting for its answer.
  expect(namesOf(receiver.received)).toEqual(['first']);
  await worker.stop();
  receiver.answer = () => 204;
  await sweep();
  expect(namesOf(receiver.received)).toEqual(['first', 'first', 'second', 'third']);
});

/** The real worker, in a process of its own. */
const startWorker = () => startProcess(`await import('./workers/main.ts'); console.log('ready');`);

test('a worker that is killed while it sends loses nothing: the next one sends the same message and those after it', async () => {
  const { secret } = await addEndpoint('receiver', receiver.url);
  receiver.answer = never;
  const first = await startWorker();
  await happen('in the middle');
  await expect.poll(() => receiver.received.length, patient).toBe(1);
  await first.kill();
  await happen('while nobody works');
  receiver.answer = () => 204;
  await later('31 seconds');
  await startWorker();
  await expect.poll(() => namesOf(receiver.received).length, { ...patient, timeout: 60_000 }).toBe(3);
  expect(namesOf(receiver.received)).toEqual(['in the middle', 'in the middle', 'while nobody works']);
  expect(receiver.received[0]?.id).toBe(receiver.received[1]?.id);
  for (const message of receiver.received) verified(secret, message);
});
