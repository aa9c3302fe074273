import { expect, test } from 'vitest';
import type { Actor, Role } from '#core/access/actor.ts';
import { createView } from '#core/evidence/create-view.ts';
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

const names = async (actor: Actor) => (await listViews(actor, {})).map(({ name }) => name);

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
