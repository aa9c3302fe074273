import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { record } from '#core/audit/record.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { checkIssuer } from '#core/issuers/check-issuer.ts';
import { addNotifier } from '#core/notifiers/add-notifier.ts';
import { changeNotifier } from '#core/notifiers/change-notifier.ts';
import { forgetOldNotices } from '#core/notifiers/forget-old-notices.ts';
import { gatherNotices } from '#core/notifiers/gather-notices.ts';
import { listNotifiers } from '#core/notifiers/list-notifiers.ts';
import { type NoticeKind, noticeKinds } from '#core/notifiers/notice-kinds.ts';
import { removeNotifier } from '#core/notifiers/remove-notifier.ts';
import { sendNotices } from '#core/notifiers/send-notices.ts';
import { tryNotifier } from '#core/notifiers/try-notifier.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import { createWebhookEndpoint } from '#core/webhooks/create-webhook-endpoint.ts';
import { disableWebhookEndpoint } from '#core/webhooks/disable-webhook-endpoint.ts';
import { enableWebhookEndpoint } from '#core/webhooks/enable-webhook-endpoint.ts';
import { noteFailure } from '#core/webhooks/note-failure.ts';
import { removeWebhookEndpoint } from '#core/webhooks/remove-webhook-endpoint.ts';
import { db } from '#lib/db.ts';
import { importClient } from '#tests/support/client.ts';
import { moveTime } from '#tests/support/database.ts';
import { holdAt } from '#tests/support/hold-at.ts';
import { type Loopback, loopback } from '#tests/support/loopback.ts';
import { advanceThroughRetries, advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';

const actor = system('test');
const signingSecret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

let sample: Sample;
let receiver: Loopback;
let status = 204;
let received: { kind: string; title: string; detail: string; url: string }[][] = [];
let notifierId: string;

beforeAll(async () => {
  sample = await startSample();
  receiver = await loopback(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (status === 204) received.push(JSON.parse(body).data.notices);
    response.writeHead(status).end();
  });
});
afterAll(async () => {
  await receiver.close();
  await sample.close();
});

const later = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);

async function notifier(notices: readonly NoticeKind[] = noticeKinds, name = 'receiver') {
  const config = { url: receiver.url, signingSecret };
  return (await addNotifier(actor, { name, kind: 'webhook', config, notices: [...notices] })).id;
}

/** What a worker's sweep does, a minute later, so that the spacing between messages is over. */
async function sweep(): Promise<string[]> {
  received = [];
  await later('61 seconds');
  await gatherNotices();
  await sendNotices();
  return received.flat().map(({ title }) => title);
}

beforeEach(async () => {
  for (const { id } of await listNotifiers(actor, {})) await removeNotifier(actor, { notifierId: id });
  await db().pool.query(
    `update rotations set outcome = 'cancelled', ended_at = rekey_now() where outcome is null`,
  );
  status = 204;
  received = [];
  notifierId = await notifier();
});

const held = 'The rotation of fleet-api is held';

async function heldRotation(): Promise<string> {
  const credentialId = await sample.credentialId('fleet-api');
  await sample.fault({ clientId: 'fleet-api', on: 'check', kind: 'status', status: 403, times: 100 });
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  await advanceThroughRetries(rotationId);
  await sample.clearFaults();
  return rotationId;
}

test('a rotation that is held is told of once, with its cause and its page', async () => {
  const rotationId = await heldRotation();
  expect(await sweep()).toEqual([held]);
  expect(received[0]?.[0]).toMatchObject({
    kind: 'rotation_held',
    url: `http://localhost:3000/rotations/${rotationId}`,
    detail: expect.stringMatching(/^SurfaceScout.*\. Open it to see what can be done\.$/),
  });
  expect(await sweep()).toEqual([]);
  // Resumed and held for the same reason again: nothing new.
  await db().pool.query('update rotations set hold = null where id = $1', [rotationId]);
  expect(await sweep()).toEqual([]);
  await db().pool.query(`update rotations set hold = 'permission_missing' where id = $1`, [rotationId]);
  expect(await sweep()).toEqual([]);
  await db().pool.query(`update rotations set hold = 'slot_full', hold_detail = 'x' where id = $1`, [
    rotationId,
  ]);
  expect(await sweep()).toEqual([held]);
});

test('a hold by a person, and one for the issuer’s health, are no news of their own', async () => {
  const rotationId = await heldRotation();
  for (const hold of ['manual_hold', 'issuer_unhealthy']) {
    await db().pool.query('update rotations set hold = $2 where id = $1', [rotationId, hold]);
    expect(await sweep()).toEqual([]);
  }
});

test('a rotation whose issuer refuses it without being called unhealthy is told of', async () => {
  await sample.fault({ clientId: 'fleet-api', on: 'check', kind: 'status', status: 404, times: 100 });
  const credentialId = await sample.credentialId('fleet-api');
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 3600 });
  const row = await advanceThroughRetries(rotationId);
  await sample.clearFaults();
  expect(row).toMatchObject({ hold: 'issuer_failed' });
  expect(await db().prisma.issuer.count({ where: { health: 'unhealthy' } })).toBe(0);
  expect(await sweep()).toEqual([held]);
});

test('several workers that sweep at the same time send one message with everything', async () => {
  await heldRotation();
  await db().pool.query(
    `update secret_versions set expires_at = rekey_now() + interval '10 days'
      where state = 'current' and credential_id = $1`,
    [await sample.credentialId('report-builder')],
  );
  await later('61 seconds');
  await Promise.all([1, 2, 3, 4].map(() => gatherNotices()));
  await Promise.all([1, 2, 3, 4].map(() => sendNotices()));
  expect(received.map((message) => message.map(({ title }) => title).sort())).toEqual([
    [held, 'The secret of report-builder expires soon'],
  ]);
});

test('an expiry is told of at two weeks and again at three days', async () => {
  const credentialId = await sample.credentialId('survey-importer');
  await db().pool.query(
    `update secret_versions set expires_at = rekey_now() + interval '15 days'
      where state = 'current' and credential_id = $1`,
    [credentialId],
  );
  const told = async () => (await sweep()).filter((title) => title.includes('survey-importer'));
  expect(await told()).toEqual([]);
  await later('2 days');
  expect(await told()).toEqual(['The secret of survey-importer expires soon']);
  await later('5 days');
  expect(await told()).toEqual([]);
  await later('6 days');
  expect(await told()).toEqual(['The secret of survey-importer expires soon']);
  await db().pool.query('update secret_versions set expires_at = null');
});

test('a graced rotation whose delivery no longer fits before the issuer ends the old secret is told of once', async () => {
  const rotationId = await heldRotation();
  const late = 'The new secret of fleet-api may come too late';
  const told = async () => (await sweep()).filter((title) => title === late);
  // The last five took eight minutes from the issue to the promotion.
  await db().pool.query(
    `with r as (
       update rotations set strategy = 'graced', hold = null, phase = 'deliver', to_version = from_version,
              next_attempt_at = rekey_now() + interval '1 day' where id = $1 returning from_version)
     update secret_versions v set ends_at = rekey_now() + interval '10 minutes', created_at = rekey_now(),
            promoted_at = rekey_now() + interval '8 minutes'
       from r where v.id = r.from_version`,
    [rotationId],
  );
  expect(await told()).toEqual([]);
  await later('1 minute');
  expect(await told()).toEqual([late]);
  expect(received.flat()[0]?.detail).toMatch(/^The issuer ends the old one at .*not every required target/);
  await later('5 minutes');
  expect(await told()).toEqual([]);
  await db().pool.query('update secret_versions set ends_at = null, promoted_at = null');
});

test('a secret that has expired already is not called one that will, and a hold in a gap says what it means', async () => {
  const rotationId = await heldRotation();
  await db().pool.query(
    `update rotations set gap_started_at = rekey_now(), hold = 'unexpected_error', hold_detail = null where id = $1`,
    [rotationId],
  );
  await db().pool.query(
    `update secret_versions set expires_at = rekey_now() - interval '1 day'
      where state = 'current' and credential_id = $1`,
    [await sample.credentialId('report-builder')],
  );
  expect((await sweep()).sort()).toEqual([held, 'The secret of report-builder has expired']);
  expect(received.flat().find(({ title }) => title === held)?.detail).toBe(
    'Something failed that Rekey did not foresee. Until it goes on, some consumers may have no secret that works. Open it to see what can be done.',
  );
  await db().pool.query('update secret_versions set expires_at = null');
});

test('a person is called to an assisted rotation, and told when an overlap does not end', async () => {
  const assisted = await requestRotation(actor, {
    credentialId: await sample.credentialId('partner-portal'),
    graceSeconds: 0,
  });
  await advanceUntil(assisted.rotationId, (row) => row.phase === 'await_secret');
  const { rotationId } = await requestRotation(actor, {
    credentialId: await sample.credentialId('fleet-api'),
    graceSeconds: 60,
  });
  await advanceUntil(rotationId, (row) => row.phase === 'overlap');
  expect(await sweep()).toEqual([
    'partner-portal waits for you: rotate it at the vendor and paste the new secret',
  ]);
  await later('20 minutes');
  expect(await sweep()).toEqual(['The old secret of fleet-api may still work']);
});

async function changeHealth(health: 'unhealthy' | 'healthy') {
  const { id, name } = await db().prisma.issuer.findFirstOrThrow({ where: { kind: 'surfacescout' } });
  const action = health === 'unhealthy' ? 'issuer.marked_unhealthy' : 'issuer.recovered';
  await db().prisma.$transaction(async (tx) => {
    await tx.issuer.update({ where: { id }, data: { health } });
    await record(tx, { action, actor: { kind: 'system', id: null, name: 'worker' }, id, name });
  });
}

const ill = 'SurfaceScout (sample) does not answer as it should';
const well = 'SurfaceScout (sample) answers again';

test('an issuer that flaps is told of once an hour, and that it is well only after that it was not', async () => {
  await changeHealth('healthy');
  expect(await sweep()).toEqual([]);
  await changeHealth('unhealthy');
  expect(await sweep()).toEqual([ill]);
  await changeHealth('healthy');
  expect(await sweep()).toEqual([well]);
  await changeHealth('unhealthy');
  expect(await sweep()).toEqual([]);
  await changeHealth('healthy');
  expect(await sweep()).toEqual([]);
  await changeHealth('unhealthy');
  await later('1 hour');
  expect(await sweep()).toEqual([ill]);
  // It stayed so since: what it did in between is no news any more.
  await later('1 hour');
  expect(await sweep()).toEqual([]);
  await changeHealth('healthy');
  expect(await sweep()).toEqual([well]);
});

test('a notifier that is added while an issuer is unhealthy tells of it, however long that has been so, and that it is well again', async () => {
  await changeHealth('healthy');
  await later('2 hours');
  await removeNotifier(actor, { notifierId });
  await changeHealth('unhealthy');
  notifierId = await notifier(['issuer_unhealthy', 'issuer_recovered']);
  expect([await sweep(), await sweep()]).toEqual([[ill], []]);
  await later('2 days');
  expect(await sweep()).toEqual([]);
  await notifier(['issuer_unhealthy', 'issuer_recovered'], 'added later');
  expect([await sweep(), await sweep()]).toEqual([[ill], []]);
  await changeHealth('healthy');
  expect([await sweep(), await sweep()]).toEqual([[well, well], []]);
  // One that comes when all is well again hears nothing.
  await notifier(['issuer_unhealthy', 'issuer_recovered'], 'added last');
  expect(await sweep()).toEqual([]);
});

test('an issuer that a person’s check finds unwell is told of once: its rotations wait for it', async () => {
  const { id: issuerId } = await db().prisma.issuer.findFirstOrThrow({ where: { kind: 'surfacescout' } });
  await changeHealth('healthy');
  await later('2 hours');
  const credentialId = await sample.credentialId('fleet-api');
  await sample.fault({ clientId: 'fleet-api', on: 'check', kind: 'status', status: 503, times: 100 });
  const check = () => checkIssuer(actor, { issuerId, credentialId });
  expect([await check(), await check()]).toMatchObject([{ ok: false }, { ok: false }]);
  expect(await sweep()).toEqual([ill]);
  await sample.clearFaults();
  expect(await check()).toMatchObject({ ok: true });
  expect(await sweep()).toEqual([well]);
});

test('an issuer that is well again while its notice is being stored is told of as well again', async () => {
  await changeHealth('unhealthy');
  await later('61 seconds');
  await gatherNotices();
  await changeHealth('healthy');
  await db().pool.query(`update notifications set created_at = rekey_now() + interval '2 seconds'`);
  expect(await sweep()).toEqual([ill, well]);
});

test('what could not be sent is sent later, shown meanwhile, and given up where trying again changes nothing', async () => {
  await heldRotation();
  status = 503;
  expect(await sweep()).toEqual([]);
  expect((await listNotifiers(actor, {}))[0]).toMatchObject({
    waiting: 1,
    error: expect.stringContaining('503'),
  });
  status = 204;
  await later('2 minutes');
  expect(await sweep()).toEqual([held]);
  expect((await listNotifiers(actor, {}))[0]).toMatchObject({ waiting: 0, error: null });
  await removeNotifier(actor, { notifierId });
  notifierId = await notifier();
  status = 401;
  await sweep();
  status = 204;
  await later('1 day');
  expect((await sweep()).filter((title) => title === held)).toEqual([]);
});

test('what was given up is told of after all once the notifier has other settings, or takes a test', async () => {
  await heldRotation();
  const told = async () => (await sweep()).filter((title) => title === held);
  const giveUp = async () => {
    status = 401;
    await sweep();
    status = 204;
    await later('1 day');
    expect(await told()).toEqual([]);
  };
  await giveUp();
  await changeNotifier(actor, { notifierId, config: { url: receiver.url, signingSecret } });
  expect(await told()).toEqual([held]);
  await db().pool.query('delete from notifications');
  await giveUp();
  expect(await tryNotifier(actor, { notifierId })).toMatchObject({ ok: true });
  expect(await told()).toEqual([held]);
  // What was sent is not told of again, however often it is tried.
  await tryNotifier(actor, { notifierId });
  expect(await told()).toEqual([]);
});

test('a notifier that cannot be opened says so, and keeps no other from sending', async () => {
  await db().prisma.notifier.update({ where: { id: notifierId }, data: { kind: 'of-another-version' } });
  await notifier(noticeKinds, 'another');
  await heldRotation();
  expect(await sweep()).toEqual([held]);
  const [other, broken] = await listNotifiers(actor, {});
  expect(other).toMatchObject({ name: 'another', error: null, waiting: 0 });
  expect(broken).toMatchObject({ waiting: 1, error: expect.stringMatching(/^receiver could not be asked/) });
});

test('a notifier tells only of what it was added for, and a test is sent at once', async () => {
  await removeNotifier(actor, { notifierId });
  const id = await notifier(['issuer_unhealthy']);
  await heldRotation();
  expect(await sweep()).toEqual([]);
  expect(await tryNotifier(actor, { notifierId: id })).toEqual({
    ok: true,
    message: 'receiver took a test message.',
  });
  expect(received.flat().map(({ title }) => title)).toEqual(['This is a test']);
  status = 401;
  expect(await tryNotifier(actor, { notifierId: id })).toMatchObject({ ok: false });
});

test('a notifier is saved whole or not at all, and its secrets are sealed', async () => {
  const config = { url: receiver.url, signingSecret };
  await expect(
    addNotifier(actor, { name: 'receiver', kind: 'webhook', config, notices: ['rotation_held'] }),
  ).rejects.toMatchObject({ code: 'name_taken' });
  await expect(
    addNotifier(actor, {
      name: 'other',
      kind: 'webhook',
      config: { ...config, url: 'http://169.254.169.254/' },
      notices: ['rotation_held'],
    }),
  ).rejects.toMatchObject({ code: 'address_refused' });
  const rows = await db().prisma.notifier.findMany();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(signingSecret);
});

test('an address is refused when it is saved also where it is a secret, or a server without a URL', async () => {
  const save = (kind: string, config: object) =>
    addNotifier(actor, { name: kind, kind, config: { ...config }, notices: ['rotation_held'] });
  const mail = { from: 'rekey@example.test', to: ['ops@example.test'] };
  await expect(save('chat', { url: 'http://169.254.169.254/x' })).rejects.toMatchObject({
    code: 'address_refused',
    fields: { 'config.url': expect.stringContaining('never allowed') },
  });
  await expect(save('email', { ...mail, host: '169.254.169.254' })).rejects.toMatchObject({
    code: 'address_refused',
    fields: { 'config.host': expect.stringContaining('never allowed') },
  });
  await expect(save('email', { ...mail, host: '10.0.0.9' })).rejects.toMatchObject({
    fields: { 'config.host': expect.stringContaining('REKEY_ALLOW_HOSTS') },
  });
  await save('chat', { url: `${receiver.url}/hook` });
  await save('email', { ...mail, host: '127.0.0.1' });
});

test('the secret that a graced rotation was rolled back to is told of before the issuer ends it, and shown as due', async () => {
  const { credentialId } = await importClient(sample, 'graced');
  const { name } = await db().prisma.credential.findUniqueOrThrow({ where: { id: credentialId } });
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 86_400 });
  await holdAt(rotationId, 'deliver');
  await advanceUntil(rotationId, (row) => row.hold !== null);
  // On the way forward the old one is to end, and a delivery that is late is told of by itself.
  expect(await sweep()).toEqual([]);
  await rollBackRotation(actor, { rotationId });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'rolled_back' });
  const { id, endsAt } = await db().prisma.secretVersion.findFirstOrThrow({
    where: { credentialId, state: 'current' },
  });
  expect(await sweep()).toEqual([`The secret of ${name} expires soon`]);
  const end = endsAt?.toISOString() ?? '';
  expect(received[0]?.[0]?.detail).toContain(end.slice(0, 16).replace('T', ' '));
  expect(await sweep()).toEqual([]);
  const found = await searchCredentials(actor, { q: name });
  expect(found.items).toMatchObject([{ expiresAt: end }]);
  expect((await searchCredentials(actor, { q: name, state: 'due' })).items).toHaveLength(1);
  expect((await readCredential(actor, { credentialId })).versions.find((one) => one.id === id)).toMatchObject(
    {
      endsAt: end,
    },
  );
  await later('2 days');
  expect((await searchCredentials(actor, { q: name, state: 'overdue' })).items).toHaveLength(1);
  await db().pool.query('update secret_versions set ends_at = null where id = $1', [id]);
});

test('a secret that is older than its policy allows is told of once, and a new version begins anew', async () => {
  const credentialId = await sample.credentialId('fleet-api');
  const rhythm = { intervalSeconds: 86_400 };
  const { id: policyId } = await createPolicy(actor, {
    name: 'young',
    rhythm,
    graceSeconds: 60,
    maxAgeSeconds: 90_000,
  });
  await assignPolicy(actor, { credentialId, policyId });
  await db().pool.query(`update secret_versions set promoted_at = rekey_now() where state = 'current'`);
  expect(await sweep()).toEqual([]);
  await later('2 days');
  const old = 'The secret of fleet-api is older than its policy allows';
  await gatherNotices(false);
  expect(await db().prisma.notification.count({ where: { kind: 'secret_too_old' } })).toBe(0);
  expect((await sweep()).filter((title) => title === old)).toEqual([old]);
  expect((await sweep()).filter((title) => title === old)).toEqual([]);
  await db().pool.query(`update secret_versions set promoted_at = rekey_now() where state = 'current'`);
  await later('1 hour');
  expect(await sweep()).not.toContain(old);
  await db().pool.query('delete from policy_assignments');
});

test('a policy’s own notifiers tell of its credentials, the others of all others, and where none is left all do', async () => {
  const own = await notifier(noticeKinds, 'night shift');
  const wish = { name: 'at night', rhythm: { intervalSeconds: 30 * 86_400 }, graceSeconds: 0 };
  const { id: policyId } = await createPolicy(actor, { ...wish, notifierIds: [own] });
  await assignPolicy(actor, { credentialId: await sample.credentialId('fleet-api'), policyId });
  const rotationId = await heldRotation();
  await gatherNotices();
  const told = () => db().prisma.notification.findMany({ where: { subject: rotationId } });
  expect(await told()).toMatchObject([{ notifierId: own, kind: 'rotation_held' }]);
  await removeNotifier(actor, { notifierId: own });
  await gatherNotices();
  expect(await told()).toMatchObject([{ notifierId, kind: 'rotation_held' }]);
  await db().pool.query('delete from policy_assignments');
});

test('a webhook endpoint that was given up is told of once each time, and one that a person switched off is not', async () => {
  const { id: endpointId } = await createWebhookEndpoint(actor, {
    name: 'Pipeline',
    url: `${receiver.url}/events`,
    events: ['rotation.*'],
  });
  const off = 'The webhook endpoint Pipeline is switched off';
  const giveUp = (status: number) =>
    noteFailure(
      endpointId,
      { id: randomUUID(), attempts: 0 },
      { ok: false, status, error: `It answered ${status}.`, retryAfterSeconds: 0 },
    );
  await giveUp(503);
  await disableWebhookEndpoint(actor, { endpointId });
  expect(await sweep()).not.toContain(off);
  await enableWebhookEndpoint(actor, { endpointId });
  await giveUp(410);
  expect((await sweep()).filter((title) => title === off)).toEqual([off]);
  expect(received.flat().find(({ title }) => title === off)).toMatchObject({
    kind: 'webhook_given_up',
    url: `http://localhost:3000/developer-tools/webhooks/${endpointId}`,
    detail:
      'It answered that it is gone. Programs behind it hear of no events. Repair it, switch it on, and replay what it missed.',
  });
  await later('31 days');
  await forgetOldNotices();
  expect(await sweep()).not.toContain(off);
  await enableWebhookEndpoint(actor, { endpointId });
  await giveUp(503);
  await later('6 days');
  await giveUp(503);
  expect((await sweep()).filter((title) => title === off)).toEqual([off]);
  expect(received.flat().find(({ title }) => title === off)?.detail).toMatch(
    /^It took nothing for five days\./,
  );
  await removeWebhookEndpoint(actor, { endpointId });
});

test('a notice is forgotten thirty days after it was sent, but not while what it told of still stands', async () => {
  const rotationId = await heldRotation();
  expect(await sweep()).toEqual([held]);
  const kept = () => db().prisma.notification.count({ where: { subject: rotationId } });
  await later('31 days');
  await forgetOldNotices();
  expect(await kept()).toBe(1);
  expect((await sweep()).filter((title) => title === held)).toEqual([]);
  await db().pool.query(`update rotations set outcome = 'cancelled', ended_at = rekey_now() where id = $1`, [
    rotationId,
  ]);
  await forgetOldNotices();
  expect(await kept()).toBe(0);
});
