import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWebhookReceiver } from '#clients/node/webhook-receiver.mjs';
import type { Actor } from '#core/access/actor.ts';
import { changeTarget } from '#core/targets/change-target.ts';
import { closeServer, listenOnLoopback } from '#demo/reply.ts';
import { db } from '#lib/db.ts';
import { askedWhileChanging, whileOneBegins } from '#tests/support/at-once.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';
import { auditBodies } from '#tests/support/users.ts';

const admin: Actor = { kind: 'user', id: 'u1', name: 'Ada', role: 'admin', stepUpAt: new Date() };
let sample: Sample;
let targetId: string;

beforeAll(async () => {
  sample = await startSample();
  ({ id: targetId } = await rowOf());
});
afterAll(() => sample.close());

const rowOf = () => db().prisma.target.findFirstOrThrow({ where: { kind: 'webhook' } });
const given = (more: Record<string, unknown> = {}) => ({
  targetId,
  config: { url: sample.places.receiver, signingSecret: sample.places.signingSecret, ...more },
});

test('a target that still holds what was delivered gets its config, and the audit says what changed without a secret', async () => {
  const url = `${sample.places.receiver}/`;
  await changeTarget(admin, given({ url }));
  expect((await rowOf()).config).toMatchObject({ url });
  const [event] = await auditBodies('target.changed');
  expect(event).toMatchObject({ id: targetId, secrets: ['signingSecret'] });
  expect(JSON.stringify(event)).not.toContain(sample.places.signingSecret);
});

test('settings that lead to a place that holds nothing are refused, and so is a config without its secret', async () => {
  const before = await rowOf();
  const empty = createServer(
    createWebhookReceiver({
      signingSecret: sample.places.signingSecret,
      keep: () => {},
      held: () => null,
      remove: () => {},
    }),
  );
  const url = await listenOnLoopback(empty, 0);
  await expect(changeTarget(admin, given({ url }))).rejects.toMatchObject({ code: 'not_confirmed' });
  await closeServer(empty);
  const config = { url: sample.places.receiver };
  await expect(changeTarget(admin, { targetId, config })).rejects.toMatchObject({ code: 'bad_input' });
  expect(await rowOf()).toEqual(before);
});

test('while a rotation begins the target keeps its config, and one that is asked for while it changes begins after that', async () => {
  const credentialId = (await db().prisma.binding.findFirstOrThrow({ where: { targetId } })).credentialId;
  const before = await rowOf();
  await whileOneBegins(admin, credentialId, async () => {
    await expect(changeTarget(admin, given())).rejects.toMatchObject({ status: 409, code: 'at_work' });
  });
  expect(await rowOf()).toEqual(before);
  const of = { table: 'targets', id: targetId, credentialId } as const;
  const order = await askedWhileChanging(admin, of, () => changeTarget(admin, given()));
  expect(order).toEqual(['changed', 'asked']);
  expect((await rowOf()).config).toMatchObject({ url: sample.places.receiver });
});
