import { createHash, randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import type { AuditEvent } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import { db, openDatabase } from '#lib/db.ts';
import { withClient } from '#scripts/migrations.ts';
import { moveTime } from '#tests/support/database.ts';

const actor = { kind: 'user' as const, id: 'u1', name: 'Ada' };

function issued(): Extract<AuditEvent, { action: 'secret.issued' }> {
  const [credentialId, rotationId] = [randomUUID(), randomUUID()];
  return {
    ...{ action: 'secret.issued', actor, requestId: 'q1', credentialId, rotationId, credential: 'orders' },
    ...{ version: 2, fingerprint: 'abc' },
  };
}

const write = (event: AuditEvent) => db().prisma.$transaction((tx) => record(tx, event));
const events = () => db().prisma.auditEvent.findMany({ orderBy: { id: 'asc' } });
const count = () => db().prisma.auditEvent.count();

async function latest() {
  const event = await db().prisma.auditEvent.findFirst({ orderBy: { id: 'desc' } });
  if (event === null) throw new Error('No event was stored.');
  return { event, body: JSON.parse(event.body) as Record<string, unknown> };
}

/** The address of this file's database for another role. */
function urlFor(role: 'rekey_owner' | 'postgres'): string {
  const url = new URL(inject('postgresUrl'));
  if (role !== 'postgres') url.username = role;
  url.pathname = new URL(process.env.DATABASE_URL ?? '').pathname;
  return url.toString();
}

const attacks = [
  `update audit_events set body = '{}'`,
  `update audit_events set actor_name = 'nobody' where true`,
  'delete from audit_events',
  'truncate audit_events',
  'truncate audit_events cascade',
  `insert into audit_events (id, at, action, outcome, actor_kind, actor_name, body, leaf)
     select id, at, action, outcome, actor_kind, actor_name, body, leaf from audit_events limit 1
     on conflict (id) do update set body = '{}'`,
];

test('an event is stored with its leaf: SHA-256 of a zero byte and the very text of the body', async () => {
  await write({ ...issued(), reason: 'ümlaut, 𝄞, "quote", \\ and\nline' });
  const { event } = await latest();
  const leaf = createHash('sha256')
    .update(Buffer.from([0]))
    .update(event.body, 'utf8')
    .digest('hex');
  expect(Buffer.from(event.leaf).toString('hex')).toBe(leaf);
});

test('the body carries the time of the database and not that of the process', async () => {
  await moveTime(process.env.DATABASE_URL ?? '', '30 days');
  await write(issued());
  const { event, body } = await latest();
  expect(body.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(body.at).toBe(event.at.toISOString());
  const ahead = event.at.getTime() - Date.now();
  expect(ahead).toBeGreaterThan(29 * 24 * 3_600_000);
});

test('a time in the event itself does not replace the time of the database', async () => {
  await write({ ...issued(), at: '1999-01-01T00:00:00.000Z' } as AuditEvent);
  const { event, body } = await latest();
  expect(body.at).toBe(event.at.toISOString());
});

test('the body text is the same for the same event, whatever the order of its fields', async () => {
  const event = issued();
  const reversed = Object.fromEntries(Object.entries(event).reverse()) as AuditEvent;
  await db().prisma.$transaction(async (tx) => {
    await record(tx, event);
    await record(tx, reversed);
  });
  const [first, second] = (await events()).slice(-2);
  expect(second?.body).toBe(first?.body);
});

test('the columns for filtering say what the body says', async () => {
  await write(issued());
  await write({
    action: 'session.refused',
    outcome: 'failure',
    email: 'a@b.example',
    actor: { ...actor, id: null },
  });
  for (const event of (await events()).slice(-2)) {
    const body = JSON.parse(event.body) as Record<string, unknown> & { actor: typeof actor };
    expect(event).toMatchObject({
      action: body.action,
      outcome: body.outcome,
      actorKind: body.actor.kind,
      actorId: body.actor.id,
      actorName: body.actor.name,
      credentialId: body.credentialId ?? null,
      rotationId: body.rotationId ?? null,
      requestId: body.requestId ?? null,
    });
  }
});

test.each<[string, Partial<AuditEvent>]>([
  ['that is about a secret', { ...issued(), reason: 'ümlaut, 𝄞, "quote", \\ and\nline' }],
  ['with neither a credential nor a request', { action: 'session.refused', email: 'a@b.example', actor }],
])('an event %s is stored alone as it is among others', async (_, event) => {
  const text = JSON.stringify({ outcome: 'failure', ...event });
  await db().prisma.$transaction(async (tx) => {
    await tx.$queryRaw`select record_event(${text}::jsonb)`;
    await tx.$queryRaw`select record_events(jsonb_build_array(${text}::jsonb))`;
  });
  const [alone, among] = (await events()).slice(-2);
  expect({ ...alone, id: among?.id }).toEqual(among);
});

test('an event without an outcome tells of a success', async () => {
  await write(issued());
  expect((await latest()).event.outcome).toBe('success');
});

test('a transaction that is rolled back leaves no event', async () => {
  const before = await count();
  const attempt = db().prisma.$transaction(async (tx) => {
    await record(tx, issued());
    expect(await tx.auditEvent.count()).toBe(before + 1);
    throw new Error('the change failed');
  });
  await expect(attempt).rejects.toThrow('the change failed');
  expect(await count()).toBe(before);
});

test('a change whose event cannot be stored is rolled back with it', async () => {
  const email = 'kept-out@example.com';
  const attempt = db().prisma.$transaction(async (tx) => {
    await tx.user.create({ data: { email, name: 'X', role: 'viewer' } });
    await record(tx, { action: 'user.created', actor } as AuditEvent);
  });
  await expect(attempt).rejects.toThrow();
  expect(await db().prisma.user.findUnique({ where: { email } })).toBeNull();
});

test.each<[string, unknown]>([
  ['an unknown action', { ...issued(), action: 'secret.leaked' }],
  ['an event without an actor', { ...issued(), actor: undefined }],
  ['an event without its credential', { ...issued(), credentialId: undefined }],
  ['an event without its version', { ...issued(), version: undefined }],
  ['a credential that is no id', { ...issued(), credentialId: 'orders' }],
  ['an outcome that does not exist', { ...issued(), outcome: 'maybe' }],
])('%s is refused and nothing is stored', async (_what, event) => {
  const before = await count();
  await expect(write(event as AuditEvent)).rejects.toThrow(/"path"|Invalid/);
  expect(await count()).toBe(before);
});

test('a field that the event does not have is not stored, so no value slips in under another name', async () => {
  await write({
    ...issued(),
    clientSecret: 'canary-91c',
    actor: { ...actor, token: 'canary-91c' },
  } as AuditEvent);
  expect((await latest()).event.body).not.toContain('canary-91c');
});

test.each(attacks)('the application may not do this, for lack of permission: %s', async (statement) => {
  await write(issued());
  const before = await events();
  await expect(db().pool.query(statement)).rejects.toMatchObject({
    code: '42501',
    message: 'permission denied for table audit_events',
  });
  expect(await events()).toEqual(before);
});

test.each([
  'alter table audit_events disable trigger all',
  'drop trigger audit_events_append_only on audit_events',
  'drop table audit_events',
  'create or replace function refuse_audit_change() returns trigger language plpgsql as $$ begin return new; end $$',
  'set session_replication_role = replica',
])('the application may not lift the guard: %s', async (statement) => {
  await expect(db().pool.query(statement)).rejects.toMatchObject({ code: '42501' });
});

test.each(['rekey_owner', 'postgres'] as const)('%s is refused by the triggers', async (role) => {
  await write(issued());
  const before = await events();
  await withClient(urlFor(role), async (client) => {
    const who = await client.query<{ name: string }>('select current_user as name');
    expect(who.rows[0]?.name).toBe(role);
    for (const statement of attacks) {
      await expect(client.query(statement), statement).rejects.toThrow(/append-only: \w+ is refused/);
    }
  });
  expect(await events()).toEqual(before);
});

test('many events written at the same time are all stored, each once', async () => {
  const before = await count();
  const second = openDatabase(process.env.DATABASE_URL ?? '', 4);
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => {
      const database = n % 2 === 0 ? db() : second;
      return database.prisma.$transaction((tx) => record(tx, issued()), { maxWait: 30_000 });
    }),
  );
  await second.close();
  const stored = await events();
  expect(stored.length).toBe(before + 40);
  expect(new Set(stored.map((event) => event.id)).size).toBe(stored.length);
});
