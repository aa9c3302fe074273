import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { choosePassword } from '#core/users/choose-password.ts';
import { db } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { newId } from '#lib/new-id.ts';
import { ask } from '#tests/app/api/ask.ts';
import { auditBodies, makeUser, openSession, PASSWORD } from '#tests/support/users.ts';

const invite = (body: object, more: Parameters<typeof ask>[2] = {}) =>
  ask('POST', '/users', { ...more, body });

const tokenIn = (link: unknown) => new URL(String(link)).hash.slice(1);

test('an invitation answers the link once: the same request again, the user and the lists have none', async () => {
  const wish = { email: 'Ada@Example.test', name: 'Ada', role: 'operator' };
  const headers = { 'Idempotency-Key': 'ada' };
  const first = await invite(wish, { headers });
  expect(first).toMatchObject({ status: 201, body: { email: 'ada@example.test', state: 'invited' } });
  expect(first.body.link).toMatch(new RegExp(`^${env().REKEY_URL.origin}/welcome#[\\w-]{43}$`));
  const path = `/users/${first.body.id}`;
  expect(first.headers.get('location')).toBe(`/api/v1${path}`);
  expect(first.headers.get('cache-control')).toBe('no-store');
  const again = await invite(wish, { headers });
  expect(again).toMatchObject({ status: 201, body: { id: first.body.id } });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  const token = tokenIn(first.body.link);
  for (const { body } of [again, await ask('GET', path), await ask('GET', '/users')]) {
    expect(JSON.stringify(body)).not.toContain(token);
  }
  const { rows } = await db().pool.query(
    `select row_to_json(e)::text as row from audit_events e union all select row_to_json(k)::text from idempotency_keys k`,
  );
  expect(JSON.stringify(rows)).not.toContain(token);
  await choosePassword(system('test'), { token, password: PASSWORD });
  expect((await ask('GET', path)).body).toMatchObject({ state: 'active', role: 'operator' });
  expect(await invite(wish)).toMatchObject({ status: 409, body: { code: 'user_exists' } });
});

test('who has not chosen a password is invited again: another link, the one before is void, and they keep their name', async () => {
  const first = await invite({ email: 'bob@example.test', name: 'Bob', role: 'viewer' });
  const second = await invite({ email: 'bob@example.test', role: 'viewer' });
  expect(second).toMatchObject({ status: 201, body: { id: first.body.id, name: 'Bob' } });
  const choose = (link: unknown) =>
    choosePassword(system('test'), { token: tokenIn(link), password: PASSWORD });
  await expect(choose(first.body.link)).rejects.toMatchObject({ code: 'link_spent' });
  await choose(second.body.link);
});

test.each(['viewer', 'auditor', 'operator', 'approver'] as const)(
  'a client with the role %s gives nobody any rights: neither an admin nor one like itself, and the refusal says what it takes',
  async (role) => {
    const caller = { id: newId(), role };
    const somebody = await makeUser('viewer');
    const before = await db().prisma.user.count();
    for (const wanted of ['admin', role]) {
      const refused = { status: 403, body: { code: 'role_missing' } };
      const answer = await invite({ email: `${role}@example.test`, role: wanted }, { caller });
      expect(answer).toMatchObject(refused);
      expect(answer.body.detail).toBe(
        `Your role "${role}" may not create user. It takes the role admin; an admin can grant it.`,
      );
      expect(
        await ask('POST', `/users/${somebody.id}/role`, { caller, body: { role: wanted } }),
      ).toMatchObject(refused);
    }
    expect(await db().prisma.user.count()).toBe(before);
    expect(await db().prisma.user.findUnique({ where: { id: somebody.id } })).toMatchObject({
      role: 'viewer',
    });
  },
);

test('an old token invites nobody, and the refusal says what a program can do about it', async () => {
  const caller = { id: newId(), role: 'admin' as const, stepUpAt: new Date(Date.now() - 6 * 60_000) };
  expect(await invite({ email: 'late@example.test', role: 'viewer' }, { caller })).toMatchObject({
    status: 403,
    body: {
      code: 'step_up_required',
      detail:
        'This takes an access token that is younger than five minutes: get a new one and send it again; nothing was changed.',
    },
  });
});

test('an admin’s client ends a session, and the audit names the client; for another client there is none', async () => {
  const user = await makeUser('operator');
  const sessionId = await openSession(user.email);
  const path = `/sessions/${sessionId}`;
  const caller = { id: newId(), role: 'operator' as const };
  expect((await ask('DELETE', path, { caller })).status).toBe(404);
  expect(await readSession(sessionId)).not.toBeNull();
  expect((await ask('DELETE', path)).status).toBe(204);
  expect(await readSession(sessionId)).toBeNull();
  expect((await auditBodies('session.revoked')).at(-1)).toMatchObject({
    of: user.email,
    actor: { kind: 'api_client' },
  });
  expect((await ask('DELETE', `/sessions/${newId()}`)).status).toBe(404);
});

test('a new link for somebody who forgot their password is answered once, and lets them choose another one', async () => {
  const { id, email } = await makeUser('operator');
  const headers = { 'Idempotency-Key': 'forgotten' };
  const renew = () => ask('POST', `/users/${id}/link`, { headers, body: {} });
  const first = await renew();
  expect(first).toMatchObject({ status: 200, body: { id, email, state: 'active' } });
  expect(first.headers.get('cache-control')).toBe('no-store');
  const again = await renew();
  expect(again).toMatchObject({ status: 200, body: { id } });
  expect(JSON.stringify(again.body)).not.toContain('/welcome#');
  const password = 'another long password';
  await choosePassword(system('test'), { token: tokenIn(first.body.link), password });
});

test('an admin’s client allows somebody a new identity, and another client does not', async () => {
  const { id } = await makeUser('operator');
  const path = `/users/${id}/allow-identity`;
  const caller = { id: newId(), role: 'operator' as const };
  expect((await ask('POST', path, { caller, body: {} })).status).toBe(403);
  expect((await ask('GET', `/users/${id}`)).body).toMatchObject({ identityAllowedUntil: null });
  const { status, body } = await ask('POST', path, { body: {} });
  expect({ status, body }).toMatchObject({ status: 200, body: { id } });
  expect(Date.parse(String(body.identityAllowedUntil))).toBeGreaterThan(0);
});
