import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { addNotifier } from '#core/notifiers/add-notifier.ts';
import { sendNotices } from '#core/notifiers/send-notices.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { moveTime } from '#tests/support/database.ts';
import { type Loopback, loopback } from '#tests/support/loopback.ts';
import { startProcess } from '#tests/support/starter.ts';

let receiver: Loopback;
let received = 0;
let answer: () => Promise<unknown> = async () => {};

beforeAll(async () => {
  receiver = await loopback(async (request, response) => {
    for await (const _chunk of request);
    received += 1;
    await answer();
    response.writeHead(204).end();
  });
});
afterAll(() => receiver.close());

const patient = { timeout: 30_000, interval: 20 };

test('a worker that is told to stop while it sends a notice stores that it was sent, so that nobody is told twice', async () => {
  const signingSecret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
  const { id: notifierId } = await addNotifier(system('test'), {
    name: 'receiver',
    kind: 'webhook',
    config: { url: receiver.url, signingSecret },
    notices: ['rotation_held'],
  });
  const notice = {
    kind: 'rotation_held',
    key: 'held',
    title: 'Held',
    detail: '',
    path: '/',
    subject: newId(),
  };
  await db().prisma.notification.create({ data: { notifierId, ...notice } });
  let release = () => {};
  answer = () =>
    new Promise<void>((resolve) => {
      release = resolve;
    });
  const { process: worker } = await startProcess(`await import('./workers/main.ts'); console.log('ready');`);
  await expect.poll(() => received, patient).toBe(1);
  const ended = once(worker, 'exit');
  worker.kill('SIGTERM');
  // One that does not wait is gone by now.
  await after(2000);
  release();
  expect(await ended).toEqual([0, null]);
  answer = async () => {};
  await moveTime(process.env.DATABASE_URL ?? '', '61 seconds');
  await sendNotices();
  expect(received).toBe(1);
});
