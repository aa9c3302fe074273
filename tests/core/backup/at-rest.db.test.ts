import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { compareRestored } from '#core/backup/compare-restored.ts';
import { isAtRest } from '#core/backup/is-at-rest.ts';
import { markRestored } from '#core/backup/mark-restored.ts';
import { readRestoration } from '#core/backup/read-restoration.ts';
import { beginRestoration } from '#core/backup/restoration.ts';
import { resumeRestored } from '#core/backup/resume-restored.ts';
import { fetchSecret } from '#core/credentials/fetch-secret.ts';
import { pauseEverything } from '#core/rotation/pause-everything.ts';
import { readStandstill } from '#core/rotation/read-standstill.ts';
import { unpauseEverything } from '#core/rotation/unpause-everything.ts';
import { choosePassword } from '#core/users/choose-password.ts';
import { createUser } from '#core/users/create-user.ts';
import { renewLink } from '#core/users/renew-link.ts';
import { type Database, db, openDatabase } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { withClient } from '#scripts/migrations.ts';
import { dropDatabase, moveTime } from '#tests/support/database.ts';
import { PASSWORD } from '#tests/support/users.ts';

/* How a database that is not where it was notices that, and what lets it go on. */

const actor = system('test');
const shared = globalThis as typeof globalThis & { rekeyDatabase?: Database };
const reason = 'restored from a disk snapshot';
const admin: Actor = {
  kind: 'user',
  id: newId(),
  name: 'Ada',
  role: 'admin',
  stepUpAt: new Date(Date.now() + 86_400_000),
};

/** A copy as `pg_dump` or CREATE DATABASE makes it: everything is in it, and it is somewhere else. */
async function inCopy(work: () => Promise<void>): Promise<void> {
  const original = shared.rekeyDatabase;
  await original?.close();
  const url = new URL(process.env.DATABASE_URL ?? '');
  const name = url.pathname.slice(1);
  await withClient(inject('postgresUrl'), (client) =>
    client.query(`create database ${name}_copy template ${name}`),
  );
  url.pathname = `/${name}_copy`;
  const copy = openDatabase(url.toString(), 4);
  shared.rekeyDatabase = copy;
  try {
    await work();
  } finally {
    delete shared.rekeyDatabase;
    await copy.close();
    await dropDatabase(inject('postgresUrl'), `${name}_copy`);
  }
}

beforeAll(async () => {
  await createUser(actor, { email: 'ada@example.test', name: 'Ada', role: 'admin' });
  await createUser(actor, { email: 'eve@example.test', name: 'Eve', role: 'operator' });
});
beforeEach(async () => {
  await db().pool.query('delete from standstill');
  await db().pool.query('update restorations set resumed_at = rekey_now() where resumed_at is null');
});
afterAll(() => db().pool.query('delete from standstill'));

const compared = async () => {
  await compareRestored(actor, {});
  return (await readRestoration(actor, {}))?.comparedAt ?? '';
};

test('a new database is where it is, also when it is asked again and by several at once', async () => {
  expect(await Promise.all([isAtRest(), isAtRest(), isAtRest()])).toEqual([false, false, false]);
  expect(await isAtRest()).toBe(false);
  expect(await db().prisma.auditEvent.count({ where: { action: 'database.restored' } })).toBe(0);
});

test('a copy of a database in another place stops everything at its first start, once, and ends every session', async () => {
  expect(await isAtRest()).toBe(false);
  await db().pool.query('insert into sessions (id, user_id) select gen_random_uuid(), id from users');
  await inCopy(async () => {
    expect(await Promise.all([isAtRest(), isAtRest(), isAtRest()])).toEqual([true, true, true]);
    expect(await readStandstill(actor, {})).toMatchObject({ restored: true, by: 'Rekey' });
    expect(await db().prisma.auditEvent.count({ where: { action: 'database.restored' } })).toBe(1);
    expect(await db().prisma.session.count({ where: { revokedAt: null } })).toBe(0);
    // From then on the copy is where it belongs.
    await resumeRestored(actor, { comparedAt: await compared(), readBy: 'ada@example.test' });
    expect(await isAtRest()).toBe(false);
    expect(await readStandstill(actor, {})).toBeNull();
  });
  expect(await isAtRest()).toBe(false);
  expect(await db().prisma.session.count({ where: { revokedAt: null } })).toBe(2);
});

test('what nobody can see is said by hand, and the usual pause neither ends it nor is ended by it', async () => {
  await pauseEverything(actor, { reason: 'moving' });
  await markRestored(actor, { reason });
  expect(await isAtRest()).toBe(true);
  await expect(markRestored(actor, { reason })).rejects.toMatchObject({ code: 'already_restored' });
  await unpauseEverything(actor, {});
  await expect(unpauseEverything(actor, {})).rejects.toMatchObject({ code: 'restored' });
  expect(await isAtRest()).toBe(true);
  await pauseEverything(actor, { reason: 'moving' });
  await resumeRestored(actor, { comparedAt: await compared(), readBy: 'ada@example.test' });
  expect(await readStandstill(actor, {})).toMatchObject({ restored: false, by: 'test', reason: 'moving' });
});

test('what comes out of a backup that was made at rest is compared anew, whatever list is in it', async () => {
  await markRestored(actor, { reason });
  const comparedAt = await compared();
  const url = new URL(process.env.DATABASE_URL ?? '');
  url.username = 'rekey_owner';
  const told = () => db().prisma.auditEvent.count({ where: { action: 'database.restored' } });
  const before = await told();
  const owner = openDatabase(url.toString(), 1);
  const client = await owner.pool.connect();
  const by = { kind: 'system' as const, id: null, name: 'test' };
  await beginRestoration(client, { how: 'backup', detail: 'of yesterday', actor: by }, { anew: true });
  client.release();
  await owner.close();
  expect(await readRestoration(actor, {})).toMatchObject({ how: 'backup', comparedAt: null, list: [] });
  expect(await told()).toBe(before + 1);
  await expect(resumeRestored(admin, { comparedAt })).rejects.toMatchObject({ code: 'other_list' });
});

test('a restored database serves no secret to consumers', async () => {
  const client: Actor = {
    kind: 'api_client',
    id: newId(),
    name: 'app',
    role: 'viewer',
    stepUpAt: new Date(),
  };
  const fetch = () => fetchSecret(client, { bindingId: newId() });
  await expect(fetch()).rejects.toMatchObject({ code: 'not_found' });
  await markRestored(actor, { reason });
  await expect(fetch()).rejects.toMatchObject({ code: 'restored' });
});

test('a link to choose a password that was open in the backup is void, and a new one works', async () => {
  const wish = { email: 'fay@example.test', name: 'Fay', role: 'viewer' } as const;
  const { id: userId, token } = await createUser(actor, wish);
  const choose = (one: string) => choosePassword(actor, { token: one, password: PASSWORD });
  await markRestored(actor, { reason });
  await expect(choose(token)).rejects.toMatchObject({ code: 'link_spent' });
  expect(await choose((await renewLink(actor, { userId })).token)).toEqual({ email: wish.email });
});

test('it goes on only by the newest list, made within the hour, that an admin has read', async () => {
  await expect(compareRestored(actor, {})).rejects.toMatchObject({ code: 'not_restored' });
  await markRestored(actor, { reason });
  const never = new Date().toISOString();
  await expect(resumeRestored(admin, { comparedAt: never })).rejects.toMatchObject({ code: 'other_list' });
  const first = await compared();
  const second = await compared();
  await expect(resumeRestored(admin, { comparedAt: first })).rejects.toMatchObject({ code: 'other_list' });
  const as = (readBy?: string) => resumeRestored(actor, { comparedAt: second, ...(readBy && { readBy }) });
  await expect(as()).rejects.toMatchObject({ code: 'no_admin' });
  await expect(as('eve@example.test')).rejects.toMatchObject({ code: 'no_admin' });
  expect(await isAtRest()).toBe(true);
  await moveTime(process.env.DATABASE_URL ?? '', '61 minutes');
  await expect(resumeRestored(admin, { comparedAt: second })).rejects.toMatchObject({ code: 'old_list' });
  await resumeRestored(admin, { comparedAt: await compared() });
  expect(await isAtRest()).toBe(false);
  await expect(resumeRestored(admin, { comparedAt: second })).rejects.toMatchObject({ code: 'not_restored' });
  const event = await db().prisma.auditEvent.findFirstOrThrow({
    where: { action: 'database.resumed' },
    orderBy: { id: 'desc' },
  });
  expect(JSON.parse(event.body)).toMatchObject({ actor: { name: 'Ada' }, readBy: 'Ada' });
});
