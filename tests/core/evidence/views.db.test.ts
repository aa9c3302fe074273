import { expect, test } from 'vitest';
import type { Actor, Role } from '#core/access/actor.ts';
import { credentialOrders, stateNames } from '#core/access/credential-filter.ts';
import { createView } from '#core/evidence/create-view.ts';
import { readCredentialLine } from '#core/evidence/credential-line.ts';
import { listViews } from '#core/evidence/list-views.ts';
import { removeView } from '#core/evidence/remove-view.ts';
import { renameView } from '#core/evidence/rename-view.ts';
import { auditBodies } from '#tests/support/users.ts';

const as = (name: string, role: Role): Actor => ({
  kind: 'user',
  id: name,
  name,
  role,
  stepUpAt: new Date(),
});
const ada = as('Ada', 'auditor');
const bob = as('Bob', 'operator');

const names = async (actor: Actor, list?: 'audit' | 'credentials') =>
  (await listViews(actor, { list })).map(({ name }) => name);

test('a view is saved by its line, seen by everybody, and told', async () => {
  const { id } = await createView(ada, { name: ' Failures ', query: '  OUTCOME:failure   actor:"A B" ' });
  expect(await listViews(as('Vera', 'viewer'), {})).toEqual([
    { id, name: 'Failures', query: 'outcome:failure actor:"A B"', by: { id: 'Ada', name: 'Ada' } },
  ]);
  expect((await auditBodies('view.created')).at(-1)).toMatchObject({ id, name: 'Failures' });
});

test('a view whose question is not understood, or whose name is taken, is not saved', async () => {
  await expect(createView(ada, { name: 'Odd', query: 'who:me' })).rejects.toMatchObject({
    code: 'bad_query',
  });
  await expect(createView(bob, { name: 'Failures', query: 'x' })).rejects.toMatchObject({
    code: 'name_taken',
  });
  expect(await names(ada)).toEqual(['Failures']);
});

test('only who saved a view and admins rename and remove it, and both is told', async () => {
  const [view] = await listViews(ada, {});
  const id = view?.id ?? '';
  await expect(renameView(bob, { id, name: 'Mine' })).rejects.toMatchObject({ code: 'not_yours' });
  await expect(removeView(bob, { id })).rejects.toMatchObject({ code: 'not_yours' });
  await renameView(ada, { id, name: 'SOX weekly' });
  expect((await auditBodies('view.renamed')).at(-1)).toMatchObject({ from: 'Failures', name: 'SOX weekly' });
  await createView(bob, { name: 'Another', query: 'x' });
  await expect(renameView(ada, { id, name: 'Another' })).rejects.toMatchObject({ code: 'name_taken' });
  await removeView(as('Root', 'admin'), { id });
  expect(await names(ada)).toEqual(['Another']);
  expect((await auditBodies('view.removed')).at(-1)).toMatchObject({ name: 'SOX weekly' });
  await expect(removeView(ada, { id })).rejects.toMatchObject({ status: 404 });
});

const list = 'credentials';
const issuer = '0198a1b2-0000-7000-8000-000000000001';

test('a filter of the list of credentials is saved as one line, beside the views of the audit log', async () => {
  const { id } = await createView(ada, {
    list,
    name: 'Another',
    query: 'q=+fleet+&owner=&after=x&label=a+b',
  });
  expect(await listViews(as('Vera', 'viewer'), { list })).toEqual([
    {
      id,
      name: 'Another',
      query: 'environment=all&label=a+b&q=fleet',
      by: { id: 'Ada', name: 'Ada' },
    },
  ]);
  expect(await names(ada)).toEqual(['Another']);
  expect((await auditBodies('view.created')).at(-1)).toMatchObject({ id, list, name: 'Another' });
});

test('a name is taken once in each list, and only who saved a filter and admins change it', async () => {
  const [view] = await listViews(ada, { list });
  const id = view?.id ?? '';
  await expect(createView(bob, { list, name: 'Another', query: 'q=x' })).rejects.toMatchObject({
    code: 'name_taken',
  });
  await expect(renameView(bob, { id, name: 'Mine' })).rejects.toMatchObject({ code: 'not_yours' });
  await expect(removeView(bob, { id })).rejects.toMatchObject({ code: 'not_yours' });
  await createView(bob, { name: 'Fleet', query: 'x' });
  await renameView(ada, { id, name: 'Fleet' });
  expect((await auditBodies('view.renamed')).at(-1)).toMatchObject({ list, from: 'Another', name: 'Fleet' });
  await removeView(as('Root', 'admin'), { id });
  expect(await names(ada, list)).toEqual([]);
  expect(await names(ada)).toEqual(['Another', 'Fleet']);
  expect((await auditBodies('view.removed')).at(-1)).toMatchObject({ list, name: 'Fleet' });
});

test.each([
  ['nothing', ''],
  ['all environments, a page of them', 'environment=all&after=x&q=+'],
  ['a state that there is not', 'state=nonsense'],
  ['an issuer that is no id', 'issuer=vendor'],
  ['an order that there is not', 'sort=colour'],
  ['what the list does not know', 'q=x&colour=red'],
  ['one thing twice', 'q=x&q=y'],
  ['more words than the list searches', `q=${'x'.repeat(201)}`],
  ['what the database cannot hold', 'q=%00'],
])('a filter that asks for %s is not saved', async (_what, query) => {
  await expect(createView(ada, { list, name: 'Odd', query })).rejects.toMatchObject({
    code: 'bad_query',
    status: 422,
  });
  expect(await names(ada, list)).toEqual([]);
});

test('whatever the list can be asked for is understood, and its line says the same again', () => {
  for (const asked of [
    ...stateNames.map((state) => `environment=all&state=${state}`),
    ...credentialOrders.map((sort) => `environment=all&sort=${sort}`),
    `environment=staging&issuer=${issuer}&label=a&owner=b&q=c&target=${issuer}`,
  ]) {
    expect(readCredentialLine(asked)).toBe(asked);
    expect(readCredentialLine(asked.split('&').toReversed().join('&'))).toBe(asked);
  }
});
