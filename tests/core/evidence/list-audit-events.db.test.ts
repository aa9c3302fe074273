import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { record } from '#core/audit/record.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { db } from '#lib/db.ts';

const actor = system('test');
const by = (name: string) => ({ kind: 'system' as const, id: null, name });

test('pages run from the newest to the oldest event without a gap or a repeat, also while events are added', async () => {
  const add = (name: string) =>
    db().prisma.$transaction((tx) => record(tx, { action: 'session.opened', actor: by(name) }));
  for (let n = 0; n < 120; n += 1) {
    await add('ada');
  }
  const first = await listAuditEvents(actor, {});
  expect(first.items).toHaveLength(50);
  await add('late');
  const seen = [...first.items];
  for (let before = first.nextBefore; before !== null; ) {
    const page = await listAuditEvents(actor, { before });
    seen.push(...page.items);
    before = page.nextBefore;
  }
  const ids = seen.map((item) => Number(item.id));
  expect(ids).toHaveLength(120);
  expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => b - a));
});

test('events are found by actor, by action and by the beginning of an action', async () => {
  await db().prisma.$transaction((tx) => record(tx, { action: 'session.revoked', actor: by('grace') }));
  const found = async (filter: Parameters<typeof listAuditEvents>[1]) =>
    (await listAuditEvents(actor, filter)).items.map((item) => `${item.actor} ${item.action}`);
  expect(await found({ actor: 'grace' })).toEqual(['grace session.revoked']);
  expect(await found({ action: 'session.revoked' })).toEqual(['grace session.revoked']);
  expect((await found({ action: 'session.' }))[0]).toBe('grace session.revoked');
  expect(await found({ action: 'rotation.' })).toEqual([]);
});
