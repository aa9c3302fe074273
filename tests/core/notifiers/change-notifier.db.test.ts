import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { addNotifier } from '#core/notifiers/add-notifier.ts';
import { changeNotifier } from '#core/notifiers/change-notifier.ts';
import { sendNotices } from '#core/notifiers/send-notices.ts';
import { openFields } from '#core/vault/fields.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { limitedActor } from '#tests/support/limited-world.ts';
import { type Loopback, loopback } from '#tests/support/loopback.ts';
import { auditBodies } from '#tests/support/users.ts';

const admin: Actor = { kind: 'user', id: 'u1', name: 'Ada', role: 'admin', stepUpAt: new Date() };
const signingSecret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;

let receiver: Loopback;
let received: string[] = [];
let notifierId: string;
let number = 0;
/** What happens while a message is being received, which is then refused for good. */
let meanwhile: (() => Promise<unknown>) | null = null;

beforeAll(async () => {
  receiver = await loopback(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (meanwhile !== null) {
      await meanwhile();
      meanwhile = null;
      response.writeHead(401).end();
      return;
    }
    received.push(
      ...JSON.parse(body).data.notices.map(({ kind }: { kind: string }) => `${request.url} ${kind}`),
    );
    response.writeHead(204).end();
  });
});
afterAll(() => receiver.close());
beforeEach(async () => {
  received = [];
  number += 1;
  const config = { url: `${receiver.url}/first`, signingSecret };
  const wish = { name: `notifier ${number}`, kind: 'webhook', config };
  const { id } = await addNotifier(system('test'), {
    ...wish,
    notices: ['rotation_held', 'approval_wanted'],
  });
  notifierId = id;
});

const rowOf = () => db().prisma.notifier.findUniqueOrThrow({ where: { id: notifierId } });
const last = async () => (await auditBodies('notifier.changed')).at(-1);

/** A notice that is still to be sent, at a time that has not come yet. */
async function waiting(kind: string, nextAt = new Date(Date.now() + 3_600_000)): Promise<void> {
  const what = { kind, key: `${kind} ${randomUUID()}`, subject: randomUUID(), title: kind, detail: '' };
  await db().prisma.notification.create({ data: { notifierId, ...what, path: '/', nextAt } });
}

test('what it tells of is changed without its secrets, which stay, and the audit says what', async () => {
  const { config, sealed } = await rowOf();
  await changeNotifier(admin, { notifierId, notices: ['deadline_near', 'rotation_held'] });
  expect(await rowOf()).toMatchObject({ config, sealed, notices: ['deadline_near', 'rotation_held'] });
  expect(await last()).toMatchObject({
    id: notifierId,
    kind: 'webhook',
    changes: [
      { field: 'notices', from: 'approval_wanted, rotation_held', to: 'deadline_near, rotation_held' },
    ],
    secrets: [],
  });
});

test('a config is given whole: without its secret it is refused, and a stored one is not sent to another address', async () => {
  const before = await rowOf();
  const url = `${receiver.url}/second`;
  await expect(changeNotifier(admin, { notifierId, config: { url } })).rejects.toMatchObject({
    code: 'bad_input',
    fields: { 'config.signingSecret': expect.any(String) },
  });
  expect(await rowOf()).toEqual(before);
  await changeNotifier(admin, { notifierId, config: { url, signingSecret: other } });
  const after = await rowOf();
  expect(after).toMatchObject({ name: before.name, notices: before.notices, config: { url } });
  const opened = openFields({ table: 'notifiers', id: notifierId, field: 'sealed' }, after.sealed);
  expect(opened.signingSecret?.expose()).toBe(other);
  const event = await last();
  expect(event).toMatchObject({ changes: [{ field: 'url' }], secrets: ['signingSecret'] });
  expect(JSON.stringify(event)).not.toContain('whsec_');
});

test('an address that the guard refuses is not stored', async () => {
  const before = await rowOf();
  const config = { url: 'http://169.254.169.254/latest', signingSecret };
  await expect(changeNotifier(admin, { notifierId, config })).rejects.toMatchObject({
    code: 'address_refused',
  });
  expect(await rowOf()).toEqual(before);
});

test('what waits is sent at once with new settings, and kinds that it no longer tells of are not sent at all', async () => {
  await waiting('rotation_held');
  await waiting('approval_wanted');
  await db().prisma.notifier.update({ where: { id: notifierId }, data: { error: 'It was refused.' } });
  const config = { url: `${receiver.url}/second`, signingSecret: other };
  await changeNotifier(admin, { notifierId, config, notices: ['rotation_held'] });
  expect(await rowOf()).toMatchObject({ error: null });
  await sendNotices();
  expect(received).toEqual(['/second rotation_held']);
});

test('a refusal of settings that were changed while a message was under way gives nothing up', async () => {
  await waiting('rotation_held', new Date(Date.now() - 1000));
  const config = { url: `${receiver.url}/second`, signingSecret: other };
  meanwhile = () => changeNotifier(admin, { notifierId, config });
  await sendNotices();
  expect(meanwhile).toBeNull();
  expect(await rowOf()).toMatchObject({ error: null });
  await moveTime(process.env.DATABASE_URL ?? '', '61 seconds');
  await sendNotices();
  expect(received).toEqual(['/second rotation_held']);
});

test('a name that another one has is refused at its field; its own may be given again, and that is not told', async () => {
  const { name } = await rowOf();
  await addNotifier(system('test'), {
    name: 'taken',
    kind: 'webhook',
    config: { url: receiver.url, signingSecret },
    notices: ['rotation_held'],
  });
  await expect(changeNotifier(admin, { notifierId, name: 'taken' })).rejects.toMatchObject({
    status: 409,
    code: 'name_taken',
    fields: { name: expect.any(String) },
  });
  const events = (await auditBodies('notifier.changed')).length;
  await changeNotifier(admin, { notifierId, name });
  expect(await auditBodies('notifier.changed')).toHaveLength(events);
  await changeNotifier(admin, { notifierId, name: `${name} again` });
  expect(await rowOf()).toMatchObject({ name: `${name} again` });
});

test('only an admin changes a notifier, and one that is not there is told so', async () => {
  const wish = { notifierId, notices: ['rotation_held' as const] };
  await expect(changeNotifier(limitedActor(undefined, 'operator'), wish)).rejects.toMatchObject({
    code: 'role_missing',
  });
  await expect(changeNotifier(admin, { ...wish, notifierId: randomUUID() })).rejects.toMatchObject({
    status: 404,
  });
});
