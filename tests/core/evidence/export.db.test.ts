import { createHash } from 'node:crypto';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Actor } from '#core/access/actor.ts';
import { exportAuditEvents } from '#core/evidence/export-audit-events.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { db } from '#lib/db.ts';
import { auditBodies } from '#tests/support/users.ts';

const actor: Actor = { kind: 'user', id: 'a1', name: 'Ada', role: 'auditor', stepUpAt: new Date() };

async function add(count: number, more: Record<string, unknown> = {}): Promise<void> {
  await db().pool.query(
    `select record_events((select jsonb_agg(jsonb_build_object('action', 'session.opened', 'outcome', 'success', 'n', i,
       'actor', jsonb_build_object('kind', 'user', 'id', 'u', 'name', 'bob')) || $2::jsonb)
       from generate_series(1, $1::int) i))`,
    [count, JSON.stringify(more)],
  );
}

async function take(q: string, format: 'csv' | 'jsonl'): Promise<string> {
  const { parts } = await exportAuditEvents(actor, { q, format });
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

/** Cells as RFC 4180 has them. */
const cellsOf = (csv: string) =>
  csv
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell = '']) => cell.replaceAll('""', '"')),
    );

beforeAll(() => add(1200));
beforeEach(() => vi.restoreAllMocks());

test('an export has exactly the events of the question, over many batches and in the order of the pages', async () => {
  await add(3, { action: 'session.revoked', reason: 'ümlaut "quote", 𝄞' });
  const lines = (await take('actor:bob', 'jsonl')).trimEnd().split('\n');
  expect(lines).toHaveLength(1203);
  const { items } = await listAuditEvents(actor, { q: 'actor:bob' });
  expect(lines.slice(0, 50).map((line) => JSON.parse(line).id)).toEqual(items.map(({ id }) => id));
  expect(new Set(lines.map((line) => JSON.parse(line).id)).size).toBe(1203);
  expect((await take('actor:bob action:session.revoked', 'jsonl')).trimEnd().split('\n')).toHaveLength(3);
});

test('each line of JSONL carries the body byte for byte, so that its leaf can be worked out from the line alone', async () => {
  const lines = (await take('action:session.revoked', 'jsonl')).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    const body = line.slice(line.indexOf('"body":') + '"body":'.length, -1);
    const leaf = createHash('sha256').update('\0').update(body).digest('hex');
    expect(JSON.parse(line).leaf).toBe(leaf);
  }
});

test('no cell of a CSV is a formula, and every other cell is what was stored', async () => {
  const reasons = [
    '=HYPERLINK("http://evil")',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '＝1',
    'harmless, "quoted"',
  ];
  for (const reason of reasons) await add(1, { action: 'session.refused', reason });
  const [head = [], ...rows] = cellsOf(await take('action:session.refused', 'csv'));
  const column = head.indexOf('reason');
  const found = rows.map((cells) => cells[column]);
  expect(found.toReversed()).toEqual([...reasons.slice(0, -1).map((reason) => `'${reason}`), reasons.at(-1)]);
  expect(rows.flat().filter((cell) => /^[=+\-@\t\r＝]/.test(cell))).toEqual([]);
  expect(new Set(rows.map((cells) => cells.length))).toEqual(new Set([head.length]));
});

test('an export is told before its first part leaves, and again with the question and the count', async () => {
  const before = (await auditBodies('audit.exported')).length;
  const { parts } = await exportAuditEvents(actor, { q: ' ACTOR:bob  action:session.opened', format: 'csv' });
  const told = {
    query: 'actor:bob action:session.opened',
    format: 'csv',
    actor: { kind: 'user', id: 'a1', name: 'Ada' },
  };
  expect((await auditBodies('audit.export_begun')).at(-1)).toMatchObject(told);
  expect(await auditBodies('audit.exported')).toHaveLength(before);
  for await (const _part of parts);
  expect((await auditBodies('audit.exported')).at(-1)).toMatchObject({
    ...told,
    outcome: 'success',
    count: 1200,
  });
});

test('what happens while an export is taken is not in it, its own event included', async () => {
  const { parts } = await exportAuditEvents(actor, { q: '', format: 'jsonl' });
  await add(5, { action: 'issuer.paused' });
  let text = '';
  for await (const part of parts) text += part;
  expect(text).not.toContain('issuer.paused');
  expect(text.split('\n').filter((line) => line.includes('audit.export_begun')).length).toBe(
    (await auditBodies('audit.export_begun')).length - 1,
  );
});

test('batches are read only when they are asked for, and a reader who leaves is told with what they got', async () => {
  const { parts } = await exportAuditEvents(actor, { q: 'actor:bob', format: 'jsonl' });
  const asked = vi.spyOn(db().pool, 'query');
  await parts.next();
  const first = asked.mock.calls.length;
  expect(first).toBeLessThanOrEqual(2);
  await parts.next();
  expect(asked.mock.calls.length - first).toBeLessThanOrEqual(1);
  await parts.return(undefined);
  const last = (await auditBodies('audit.exported')).at(-1);
  expect(last).toMatchObject({ outcome: 'failure', query: 'actor:bob' });
  expect(last?.count, 'the second part is the first batch, and the third one was read only').toBe(500);
});

test('an export whose end cannot be told does not arrive whole', async () => {
  const { parts } = await exportAuditEvents(actor, { q: 'actor:bob', format: 'jsonl' });
  vi.spyOn(db().prisma, '$transaction').mockRejectedValue(new Error('the database is gone'));
  let text = '';
  const taking = async () => {
    for await (const part of parts) text += part;
  };
  await expect(taking()).rejects.toThrow('the database is gone');
  expect(text.trimEnd().split('\n').length).toBeLessThan(1200);
});

test('a question that is not understood is not exported, and neither is anything to a viewer', async () => {
  const before = (await auditBodies('audit.export_begun')).length;
  await expect(take('who:me', 'csv')).rejects.toMatchObject({ code: 'bad_query' });
  const viewer: Actor = { ...actor, role: 'viewer' };
  await expect(exportAuditEvents(viewer, { q: '', format: 'csv' })).rejects.toMatchObject({ status: 403 });
  expect(await auditBodies('audit.export_begun')).toHaveLength(before);
});

test('an export of nothing is a head without lines', async () => {
  expect(cellsOf(await take('actor:nobody', 'csv'))).toHaveLength(1);
  expect(await take('actor:nobody', 'jsonl')).toBe('');
});
