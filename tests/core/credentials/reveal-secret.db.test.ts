import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Actor } from '#core/access/actor.ts';
import { system } from '#core/access/actor.ts';
import { allowReveal } from '#core/credentials/allow-reveal.ts';
import { forbidReveal } from '#core/credentials/forbid-reveal.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { revealSecret } from '#core/credentials/reveal-secret.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { ask } from '#tests/app/api/ask.ts';

const setup = system('test');
const canary = 'canary-Rv4-revealed-value-of-one-test-file-';
let issuerId: string;
let credentialId: string;
let count = 0;

const person = (name: string, role: 'operator' | 'admin', stepUpAt = new Date()): Actor => ({
  kind: 'user',
  id: newId(),
  name,
  role,
  stepUpAt,
});

beforeAll(async () => {
  process.env.REKEY_DATA_DIR = '/nonexistent/rekey-data';
  issuerId = (await addIssuer(setup, { name: 'random', kind: 'random', config: {} })).id;
});
beforeEach(async () => {
  count += 1;
  ({ id: credentialId } = await importCredential(setup, {
    name: `shown-${count}`,
    issuerId,
    place: {},
    environment: 'test',
    fields: { secret: canary },
  }));
});

const wish = (more: object = {}) => ({ credentialId, version: 1, reason: 'a partner needs it', ...more });
const reveals = () => db().prisma.reveal.count({ where: { version: { credentialId } } });

test('no value is shown before an admin who has just proved who they are has allowed it for that credential', async () => {
  await expect(revealSecret(person('Anna', 'admin'), wish())).rejects.toMatchObject({ code: 'reveal_off' });
  await expect(allowReveal(person('Olaf', 'operator'), { credentialId })).rejects.toMatchObject({
    code: 'role_missing',
  });
  await expect(allowReveal(person('Anna', 'admin', new Date(0)), { credentialId })).rejects.toMatchObject({
    code: 'step_up_required',
  });
  await allowReveal(person('Anna', 'admin'), { credentialId });
  await allowReveal(person('Anna', 'admin'), { credentialId });
  expect(await reveals()).toBe(0);
  await forbidReveal(person('Anna', 'admin'), { credentialId });
  await expect(revealSecret(person('Anna', 'admin'), wish())).rejects.toMatchObject({ code: 'reveal_off' });
  const told = await db().prisma.auditEvent.findMany({
    where: { credentialId, action: { startsWith: 'reveal.' } },
    orderBy: { id: 'asc' },
  });
  expect(told.map(({ action }) => action)).toEqual(['reveal.allowed', 'reveal.forbidden']);
});

test('a value takes a fresh sign-in and a reason, and is of the version that was asked for', async () => {
  await allowReveal(person('Anna', 'admin'), { credentialId });
  await expect(revealSecret(person('Olaf', 'operator', new Date(0)), wish())).rejects.toMatchObject({
    code: 'step_up_required',
  });
  await expect(revealSecret(person('Olaf', 'operator'), wish({ reason: ' ' }))).rejects.toThrow(/Say why/);
  await expect(revealSecret(person('Olaf', 'operator'), wish({ version: 2 }))).rejects.toMatchObject({
    code: 'not_current',
  });
  expect(await reveals()).toBe(0);
});

test('nothing is shown of a credential that was archived', async () => {
  await allowReveal(person('Anna', 'admin'), { credentialId });
  await db().pool.query('update credentials set archived_at = rekey_now() where id = $1', [credentialId]);
  await expect(revealSecret(person('Anna', 'admin'), wish())).rejects.toMatchObject({ code: 'not_found' });
  expect(await reveals()).toBe(0);
});

test('a version is shown once: who asks later is refused with the name and the time, and nothing is shown', async () => {
  await allowReveal(person('Anna', 'admin'), { credentialId });
  const { version, fields } = await revealSecret(person('Olaf', 'operator'), wish());
  expect(version).toBe(1);
  expect(fields.secret?.expose()).toBe(canary);
  const again = revealSecret(person('Anna', 'admin'), wish());
  await expect(again).rejects.toThrow(/^Olaf had this version shown at \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  const { versions } = await readCredential(setup, { credentialId });
  expect(versions[0]?.revealed).toMatchObject({ by: 'Olaf' });
});

test('of two who ask at the same moment one is shown the value', async () => {
  await allowReveal(person('Anna', 'admin'), { credentialId });
  const done = await Promise.allSettled(
    ['Olaf', 'Oda'].map((name) => revealSecret(person(name, 'operator'), wish())),
  );
  expect(done.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const told = await db().prisma.auditEvent.count({ where: { credentialId, action: 'secret.revealed' } });
  expect(told).toBe(1);
});

test('what is shown stands in no table, no event, no queue and no log, and in one answer that nobody may keep', async () => {
  const written: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0),
  );
  const path = `/credentials/${credentialId}`;
  const body = { version: 1, reason: 'a partner needs it' };
  await ask('POST', `${path}/allow-reveal`, { body: {} });
  const headers = { 'idempotency-key': newId() };
  const shown = await ask('POST', `${path}/reveal`, { body, headers });
  const again = await ask('POST', `${path}/reveal`, { body, headers });
  const page = await ask('GET', path);
  for (const spy of spies) {
    spy.mockRestore();
  }
  expect(shown).toMatchObject({ status: 200, body: { version: 1, fields: { secret: canary } } });
  expect(shown.headers.get('cache-control')).toBe('no-store');
  expect(again).toMatchObject({ status: 409, body: { code: 'revealed_already' } });
  expect(page.body.revealAllowed).toBe(true);
  expect(JSON.stringify([again.body, page.body, written])).not.toContain(canary);
  const { rows } = await db().pool.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
  );
  expect(rows.length).toBeGreaterThan(20);
  for (const { name } of rows) {
    const found = await db().pool.query(`select 1 from ${name} t where t::text like $1`, [`%${canary}%`]);
    expect(found.rows, name).toEqual([]);
  }
});
