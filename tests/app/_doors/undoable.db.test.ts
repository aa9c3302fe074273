import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { undoableOf } from '#app/_doors/undoable.ts';
import type { Role, Scope } from '#core/access/actor.ts';
import { db } from '#lib/db.ts';
import { production } from '#tests/support/limited-world.ts';
import { addCredential, addIssuer } from '#tests/support/listed-world.ts';

let events: { rotationId: string | null }[];
let inOverlap: string[];

const rotationOf = async (name: string) => {
  const { rotations } = await db().prisma.credential.findFirstOrThrow({
    where: { name },
    include: { rotations: true },
  });
  return rotations[0]?.id ?? '';
};

beforeAll(async () => {
  const issuerId = await addIssuer('vendor');
  await addCredential({ name: 'both work', issuerId, rotation: { phase: 'overlap' } });
  await addCredential({ name: 'staged', issuerId, environment: 'staging', rotation: { phase: 'overlap' } });
  await addCredential({ name: 'is delivered', issuerId, rotation: { phase: 'deliver' } });
  await addCredential({ name: 'turned back', issuerId, rotation: { phase: 'overlap' } });
  await addCredential({ name: 'is over', issuerId, rotation: { phase: 'overlap' } });
  const all = ['both work', 'staged', 'is delivered', 'turned back', 'is over'];
  const ids = await Promise.all(all.map(rotationOf));
  await db().pool.query(`update rotations set direction = 'back' where id = $1`, [ids[3]]);
  await db().pool.query(`update rotations set outcome = 'completed', ended_at = rekey_now() where id = $1`, [
    ids[4],
  ]);
  inOverlap = ids.slice(0, 2);
  events = [...ids, ...ids, null].map((rotationId) => ({ rotationId }));
});

const as = (role: Role, scope: Scope = { environments: [], labels: [] }) => ({
  kind: 'user' as const,
  id: randomUUID(),
  name: 'Ada',
  stepUpAt: new Date(),
  role,
  scope,
});

test('the way back is offered from an entry of the log for just as long as the overlap of its rotation lasts', async () => {
  expect((await undoableOf(as('operator'), events)).toSorted()).toEqual(inOverlap.toSorted());
  expect(await undoableOf(as('admin'), [{ rotationId: inOverlap[0] ?? '' }])).toEqual([inOverlap[0]]);
  expect(await undoableOf(as('admin'), [{ rotationId: randomUUID() }, { rotationId: null }])).toEqual([]);
});

test('who may not roll back is offered no way back, and nobody is offered one outside of their limits', async () => {
  for (const role of ['viewer', 'auditor', 'approver'] as const) {
    expect(await undoableOf(as(role), events)).toEqual([]);
  }
  expect(await undoableOf(as('operator', production), events)).toEqual([inOverlap[0]]);
});
