import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, aScout, until } from '#tests/demo/world.ts';

test('a restart keeps every secret, its id and its last use', async () => {
  const before = await aScout();
  const { clientSecret: first } = await before.first();
  const { id, secret, createdAt } = await before.issued({ tag: 'kept' });
  await before.signsIn(secret);
  const listed = await before.list();
  await before.close();
  const after = await aScout({}, before.statePath);
  expect(await after.list()).toEqual(listed);
  expect(listed).toContainEqual({ id, tag: 'kept', createdAt, lastUsedAt: expect.any(String) });
  expect(await after.signsIn(first)).toBe(true);
  expect(await after.signsIn(secret)).toBe(true);
});

test('a restart does not bring a revoked secret back', async () => {
  const before = await aScout();
  const { clientSecret: old, id } = await before.first();
  await before.issued();
  await before.revoke(id);
  await before.close();
  const after = await aScout({}, before.statePath);
  expect(await after.signsIn(old)).toBe(false);
});

test('a restart keeps the time at which a graced secret ends', async () => {
  const before = await aScout({ overlap: 'graced' });
  const { clientSecret: old } = await before.first();
  await before.issued({ previousEndsAt: new Date(Date.now() + 600).toISOString() });
  await before.close();
  const after = await aScout({ overlap: 'graced' }, before.statePath);
  await until(async () => !(await after.signsIn(old)));
});

test('the state file is readable by its owner only', async () => {
  const scout = await aScout();
  await scout.issued();
  expect((await stat(scout.statePath)).mode & 0o777).toBe(0o600);
});

test('an unreadable state file stops the start, is left as it is, and is not quoted', async () => {
  const path = join(await aFolder(), 'state.json');
  await writeFile(path, '{"cookieKey":"a-secret-in-a-broken-file"');
  const failure = await aScout({}, path).then(
    () => '',
    (error: Error) => `${error.message} ${String(error.cause)}`,
  );
  expect(failure).toContain('Move that file away');
  expect(failure).not.toContain('a-secret-in-a-broken-file');
  expect(await readFile(path, 'utf8')).toContain('a-secret-in-a-broken-file');
});
