import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { system } from '#core/access/actor.ts';
import { signDetachment } from '#core/audit/detachment.ts';
import { faultOfProof } from '#core/audit/inclusion.ts';
import { auditKey, keyFromSeed } from '#core/audit/signing-key.ts';
import { checkArchive } from '#core/evidence/archive.ts';
import { detachEvents, planDetachment, removeDetached } from '#core/evidence/detach-events.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { readAuditEvent } from '#core/evidence/read-audit-event.ts';
import { readInclusionProof } from '#core/evidence/read-inclusion-proof.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { createWebhookEndpoint } from '#core/webhooks/create-webhook-endpoint.ts';
import { removeWebhookEndpoint } from '#core/webhooks/remove-webhook-endpoint.ts';
import { type Database, db, openDatabase } from '#lib/db.ts';
import { makeAnew, makeKnown } from '#tests/core/evidence/anew.ts';
import { add, rowsOf, tamper, verifyAll } from '#tests/core/evidence/trail.ts';
import { moveTime } from '#tests/support/database.ts';

/*
 * A log of twenty events in four batches. The first twelve are of an earlier month than the rest, and the month begins in the
 * middle of the third batch: places 11 and 12 are of the old one, 13 to 15 of the new one.
 */

const TABLES = ['audit_events', 'audit_leaves', 'audit_batches', 'audit_keys', 'audit_detachments'];
const OLD = 12;
const actor = system('test');
const told = { kind: 'system' as const, id: null, name: 'command line' };

let folder: string;
let owner: Database;
let month: string;

const ownerUrl = () => {
  const url = new URL(process.env.DATABASE_URL ?? '');
  url.username = 'rekey_owner';
  return url.toString();
};

beforeAll(() => {
  owner = openDatabase(ownerUrl(), 4);
});
afterAll(() => owner.close());

async function addBatch(of: string, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) await add(`${of} ${n}`);
}

const monthNow = async () =>
  (await rowsOf<{ month: string }>(`select to_char(rekey_now() at time zone 'UTC', 'YYYY-MM') as month`))[0]
    ?.month ?? '';

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-detach-'));
  await tamper(...TABLES.map((table) => `truncate ${table}`));
  for (const of of ['first', 'second']) {
    await addBatch(of, 5);
    await sealEvents();
  }
  await addBatch('old', 2);
  await moveTime(process.env.DATABASE_URL ?? '', '40 days');
  await addBatch('new', 3);
  await sealEvents();
  await addBatch('fourth', 5);
  await sealEvents();
  month = await monthNow();
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const archive = () => path.join(folder, 'archive.jsonl');

async function detach(file = archive()): Promise<void> {
  const plan = await planDetachment(owner, month);
  if (plan === null) throw new Error('There is nothing to detach.');
  await detachEvents(owner, plan, { file, actor: told, by: 'anna@ops-1' });
}

const lines = (file = archive()) => fs.readFileSync(file, 'utf8').trimEnd().split('\n');
const kept = () => rowsOf('select * from audit_leaves where seq <= 20 order by seq');
const batches = () => rowsOf('select * from audit_batches where n <= 4 order by n');
const idAt = async (seq: number) =>
  (await rowsOf<{ id: string }>(`select event_id as id from audit_leaves where seq = ${seq}`))[0]?.id ?? '';
const bodies = async () => (await rowsOf('select id from audit_events')).length;

test('detaching takes the events of ended months and keeps every leaf hash, root and signature', async () => {
  const before = { leaves: await kept(), batches: await batches() };
  expect(await planDetachment(owner, month)).toMatchObject({ n: 1, firstSeq: 1, lastSeq: OLD });
  await detach();
  expect({ leaves: await kept(), batches: await batches() }).toEqual(before);
  const { items } = await listAuditEvents(actor, {});
  expect(items.map((item) => item.actor)).toEqual([
    'command line',
    ...[5, 4, 3, 2, 1].map((n) => `fourth ${n}`),
    ...[3, 2, 1].map((n) => `new ${n}`),
  ]);
});

test('what a webhook endpoint was not sent yet is not detached, unless it is switched off', async () => {
  const url = 'https://hooks.example.test/';
  const { id: endpointId } = await createWebhookEndpoint(actor, { name: 'behind', url, events: ['*'] });
  const set = (text: string) =>
    db().pool.query(`update webhook_endpoints set ${text} where id = $1`, [endpointId]);
  await set(`position = ${OLD - 1}`);
  await expect(detach()).rejects.toMatchObject({
    code: 'not_sent',
    message: expect.stringContaining('behind'),
  });
  await set(`position = ${OLD}`);
  await db().pool.query(
    `insert into webhook_messages (id, endpoint_id, seq, event_id, webhook_id, action)
     select gen_random_uuid(), $1, seq, event_id, 'msg_waits', 'session.opened' from audit_leaves where seq = ${OLD}`,
    [endpointId],
  );
  await expect(detach()).rejects.toMatchObject({ code: 'not_sent' });
  expect(await bodies()).toBeGreaterThanOrEqual(20);
  await set('enabled = false');
  await detach();
  await removeWebhookEndpoint(actor, { endpointId });
});

test('what is left verifies, and the detached places are named with when and by whom', async () => {
  await detach();
  await sealEvents();
  const found = await verifyAll();
  expect(found).toMatchObject({ ok: true, firstBad: null, events: 9, sealedThrough: { seq: 21 } });
  expect(found.detached).toEqual([
    expect.objectContaining({
      firstSeq: 1,
      lastSeq: OLD,
      by: 'anna@ops-1',
      before: `${month}-01T00:00:00.000Z`,
    }),
  ]);
  expect(await verifyAll({ from: 2, to: 7 })).toMatchObject({
    ok: true,
    events: 0,
    detached: [{ lastSeq: OLD }],
  });
  expect(await verifyAll({ from: 16 })).toMatchObject({ ok: true, detached: [] });
});

test('a range across the end of what was detached verifies, and a change on either side of it is named', async () => {
  await detach();
  const across = { from: 9, to: 14 };
  expect(await verifyAll(across)).toMatchObject({ ok: true, events: 3, detached: [{ lastSeq: OLD }] });
  await tamper(`update audit_events set actor_name = 'nobody' where id = ${await idAt(13)}`);
  expect((await verifyAll(across)).firstBad).toMatchObject({ seq: 13, batch: 3 });
  await tamper(`update audit_leaves set leaf = sha256('x') where seq = ${OLD}`);
  expect((await verifyAll(across)).firstBad).toMatchObject({ batch: 3 });
  await tamper(`update audit_leaves set leaf = sha256('x') where seq = 9`);
  expect((await verifyAll(across)).firstBad).toMatchObject({ batch: 2 });
});

test('a verification during which events are detached takes none of them for deleted', async () => {
  const { pool } = db();
  const real = pool.query.bind(pool) as (...asked: unknown[]) => Promise<unknown>;
  const looked = vi.spyOn(pool, 'query').mockImplementation((async (...asked: unknown[]) => {
    const answer = await real(...asked);
    // It has read what is detached, and no event yet.
    if (/from unnest.* exists|encode\(b.root.*n > \$1/s.test(String(asked[0])) && !fs.existsSync(archive())) {
      await detach();
    }
    return answer;
  }) as never);
  const found = await verifyAll();
  looked.mockRestore();
  expect(fs.existsSync(archive())).toBe(true);
  expect(found).toMatchObject({ ok: true, firstBad: null, detached: [{ lastSeq: OLD }] });
});

test('an owner whose plan was taken by another is told so, and not that the log was altered', async () => {
  const plan = await planDetachment(owner, month);
  await detach();
  if (plan === null) throw new Error('There is nothing to detach.');
  const file = path.join(folder, 'late.jsonl');
  await expect(detachEvents(owner, plan, { file, actor: told, by: 'late' })).rejects.toMatchObject({
    code: 'detached_meanwhile',
  });
  expect(fs.existsSync(file)).toBe(false);
});

test('of two owners that detach at once one does, and the other is told so and has changed nothing', async () => {
  const second = openDatabase(ownerUrl(), 2);
  const files = [archive(), path.join(folder, 'other.jsonl')];
  const plans = await Promise.all([owner, second].map((one) => planDetachment(one, month)));
  const ended = await Promise.allSettled(
    [owner, second].map(async (one, n) => {
      const plan = plans[n];
      if (plan == null) throw new Error('There is nothing to detach.');
      return detachEvents(one, plan, { file: files[n] ?? '', actor: told, by: `owner ${n}` });
    }),
  );
  await second.close();
  const refused = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(refused).toMatchObject([{ code: 'detached_meanwhile' }]);
  expect(await rowsOf('select n from audit_detachments')).toHaveLength(1);
  await sealEvents();
  expect(await verifyAll()).toMatchObject({ ok: true, events: 9, detached: [{ lastSeq: OLD }] });
});

test('detaching is an event itself, sealed like the others', async () => {
  await detach();
  await sealEvents();
  const [row] = await rowsOf<{ body: string; seq: string }>(
    `select e.body, l.seq from audit_events e join audit_leaves l on l.event_id = e.id where action = 'audit.detached'`,
  );
  expect(row?.seq).toBe('21');
  const { hash } = await checkArchive(db().pool, archive());
  expect(JSON.parse(row?.body ?? '')).toMatchObject({
    actor: { name: 'command line' },
    ...{ firstSeq: 1, lastSeq: OLD, operator: 'anna@ops-1', archive: hash },
  });
});

test('each line of the archive is a proof that holds without the database', async () => {
  const ids = await Promise.all(Array.from({ length: OLD }, (_, n) => idAt(n + 1)));
  await detach();
  const proofs = lines().map((line) => JSON.parse(line));
  expect(proofs.map(({ eventId }) => eventId)).toEqual(ids);
  expect(proofs.map(faultOfProof)).toEqual(proofs.map(() => null));
  expect(proofs.at(-1)).toMatchObject({ seq: OLD, body: expect.stringContaining('"old 2"') });
  expect(fs.statSync(archive()).mode & 0o077).toBe(0);
});

test('a line of the archive is checked against the log: as it was written it fits, altered it does not', async () => {
  await detach();
  const [, , third = ''] = lines();
  const alone = path.join(folder, 'line.jsonl');
  fs.writeFileSync(alone, third);
  expect(await checkArchive(db().pool, alone)).toMatchObject({ events: 1, fault: null });
  fs.writeFileSync(alone, `${third}\n${third.replace('first 3', 'first 9')}`);
  expect((await checkArchive(db().pool, alone)).fault).toMatch(/^line 2: the body and its path do not lead/);
  const id = await idAt(3);
  fs.writeFileSync(alone, third.replace(`"eventId":"${id}"`, '"eventId":"1"'));
  expect((await checkArchive(db().pool, alone)).fault).toBe('line 1: at the place 3 it is not the event 1');
  fs.writeFileSync(alone, '{"eventId":"1"}\n');
  expect((await checkArchive(db().pool, alone)).fault).toBe('line 1: it is no inclusion proof');
  fs.writeFileSync(alone, third);
  await tamper('update audit_batches set settled = settled + 1 where n = 1');
  expect((await checkArchive(db().pool, alone)).fault).toBe('line 1: this database has no such batch 1');
});

test('a file is called a whole archive where its hash is one that the log names; one that lost a line is some lines', async () => {
  await detach();
  const whole = { firstSeq: 1, lastSeq: OLD };
  expect(await checkArchive(db().pool, archive())).toMatchObject({ events: OLD, fault: null, whole });
  const shorter = path.join(folder, 'shorter.jsonl');
  fs.writeFileSync(shorter, `${lines().slice(0, -1).join('\n')}\n`);
  expect(await checkArchive(db().pool, shorter)).toMatchObject({ events: OLD - 1, fault: null, whole: null });
  expect(await rekey(['check', shorter])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(
      '\nThese are some lines: the file is none of the archives that the log names.\n',
    ),
  });
});

test('a file without a line proves nothing, and is called wrong', async () => {
  fs.writeFileSync(archive(), '');
  expect(await checkArchive(db().pool, archive())).toMatchObject({ events: 0, fault: 'it holds no line' });
});

test('who asks for a detached event is told where it is', async () => {
  const id = await idAt(3);
  await detach();
  const where = { status: 404, code: 'detached', message: expect.stringContaining('"seq":3 ') };
  await expect(readAuditEvent(actor, { id })).rejects.toMatchObject(where);
  await expect(readInclusionProof(actor, { eventId: id })).rejects.toMatchObject(where);
  await expect(readAuditEvent(actor, { id: '999999' })).rejects.toMatchObject({ code: 'not_found' });
});

const forged = (key = auditKey(), sign = true) => {
  const unsigned = {
    ...{ n: 1, firstSeq: 1, lastSeq: 5, before: '2020-01-01T00:00:00.000Z', at: '2020-01-01T00:00:00.000Z' },
    ...{ by: 'nobody', archive: '00'.repeat(32), keyId: key.id },
  };
  const signature = sign ? signDetachment(unsigned, key).signature : Buffer.alloc(64).toString('base64');
  return `insert into audit_detachments values (1, 1, 5, '2020-01-01Z', '2020-01-01Z', 'nobody',
    '\\x${unsigned.archive}', '${key.id}', decode('${signature}', 'base64'))`;
};
const other = keyFromSeed(Buffer.alloc(32, 99));

const byHand: Record<string, { what: RegExp; change: () => Promise<void> }> = {
  'the events deleted, and no more': {
    what: /^event \d+ was deleted$/,
    change: async () => tamper(`delete from audit_events where id <= ${await idAt(5)}`),
  },
  'the events deleted, and a detachment made up': {
    what: /^detachment 1 is not signed with a key that seals/,
    change: async () =>
      tamper(`delete from audit_events where id <= ${await idAt(5)}`, forged(auditKey(), false)),
  },
  'the events deleted, and a detachment signed with a key that was made known': {
    what: /^detachment 1 is not signed with a key that seals/,
    change: async () =>
      tamper(`delete from audit_events where id <= ${await idAt(5)}`, makeKnown(other), forged(other)),
  },
  'a true detachment made to reach further': {
    what: /^detachment 1 is not signed/,
    change: async () => {
      await detach();
      await tamper(
        'update audit_detachments set last_seq = 17',
        `delete from audit_events where id <= ${await idAt(17)}`,
      );
    },
  },
  'a true detachment removed': {
    what: /^event \d+ was deleted$/,
    change: async () => {
      await detach();
      await tamper('delete from audit_detachments');
    },
  },
  'one event more than a true detachment has': {
    what: /^event \d+ was deleted$/,
    change: async () => {
      await detach();
      await tamper(`delete from audit_events where id = ${await idAt(13)}`);
    },
  },
  'the hash of a detached event changed': {
    what: /are not those that were sealed$/,
    change: async () => {
      await detach();
      await tamper(`update audit_leaves set leaf = sha256('x') where seq = 3`);
    },
  },
  'the hash of a detached event removed': {
    what: /^the sealed leaf 3 was deleted$/,
    change: async () => {
      await detach();
      await tamper('delete from audit_leaves where seq = 3');
    },
  },
  'another event put in the place of a detached one': {
    what: /^event \d+ is not the one that was sealed|^the body of event \d+ was altered/,
    change: async () => {
      const columns = 'at, action, outcome, actor_kind, actor_name, body, leaf';
      const id = await idAt(3);
      await detach();
      await tamper(
        `insert into audit_events (id, ${columns}) select ${id}, ${columns} from audit_events where id = ${await idAt(14)}`,
      );
    },
  },
};

test.each(Object.entries(byHand))('the same by hand is found: %s', async (_name, { what, change }) => {
  await change();
  expect((await verifyAll()).firstBad?.what).toMatch(what);
});

test('the owner cannot delete an event that no detachment covers, and the application can store no detachment', async () => {
  await detach();
  const uncovered = `delete from audit_events where id = ${await idAt(14)}`;
  await expect(owner.pool.query(uncovered)).rejects.toMatchObject({ code: '42501' });
  for (const statement of [
    forged(),
    uncovered,
    'update audit_detachments set n = 9',
    'truncate audit_detachments',
  ]) {
    await expect(db().pool.query(statement), statement).rejects.toMatchObject({ code: '42501' });
  }
  await expect(owner.pool.query('delete from audit_detachments')).rejects.toMatchObject({ code: '42501' });
  await expect(owner.pool.query('truncate audit_events')).rejects.toMatchObject({ code: '42501' });
});

test('a log that was altered is not detached: nothing is written and nothing is gone', async () => {
  await tamper(`update audit_events set actor_name = 'nobody' where id = ${await idAt(8)}`);
  const before = await bodies();
  await expect(detach()).rejects.toMatchObject({ status: 409, code: 'altered' });
  expect(await bodies()).toBe(before);
  expect(fs.existsSync(archive())).toBe(false);
});

test('batches that were made anew with a key that was made known are not detached', async () => {
  await tamper(
    `update audit_events set body = replace(body, 'second', 'nobody'), actor_name = replace(actor_name, 'second', 'nobody')
      where id = ${await idAt(8)}`,
    makeKnown(other),
  );
  await makeAnew(other, { through: 3 });
  await expect(detach()).rejects.toMatchObject({
    ...{ status: 409, code: 'altered', message: expect.stringContaining('batch 4 does not follow') },
  });
  expect(fs.existsSync(archive())).toBe(false);
});

test('a file that is there already is not written over', async () => {
  fs.writeFileSync(archive(), 'mine');
  await expect(detach()).rejects.toMatchObject({ code: 'unwritable' });
  expect(fs.readFileSync(archive(), 'utf8')).toBe('mine');
  expect(await rowsOf('select n from audit_detachments')).toEqual([]);
});

test('detaching that ends before its last delete has lost nothing, and is finished later', async () => {
  const id = await idAt(6);
  await tamper(
    `create function hold_on() returns trigger language plpgsql as $f$ begin raise exception 'the machine died'; end $f$`,
    `create trigger hold_on before delete on audit_events for each row when (old.id = ${id}) execute function hold_on()`,
  );
  await expect(detach()).rejects.toThrow('the machine died');
  await tamper('drop function hold_on cascade');
  expect(lines()).toHaveLength(OLD);
  expect(await verifyAll()).toMatchObject({ ok: true, firstBad: null });
  expect(await removeDetached(owner)).toBe(OLD);
  expect(await verifyAll()).toMatchObject({ ok: true, firstBad: null, detached: [{ lastSeq: OLD }] });
});

test('the next time goes on where the last one ended', async () => {
  await detach();
  expect(await planDetachment(owner, month)).toBeNull();
  await moveTime(process.env.DATABASE_URL ?? '', '40 days');
  await addBatch('fifth', 1);
  await sealEvents();
  month = await monthNow();
  expect(await planDetachment(owner, month)).toMatchObject({ n: 2, firstSeq: OLD + 1, lastSeq: 21 });
  await detach(path.join(folder, 'second.jsonl'));
  const found = await verifyAll();
  expect(found).toMatchObject({ ok: true, firstBad: null });
  expect(found.detached.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
    [1, OLD],
    [OLD + 1, 21],
  ]);
});

test('a month that has not begun is refused, and so is what is no month', async () => {
  await expect(planDetachment(owner, '2999-01')).rejects.toMatchObject({ code: 'usage' });
  await expect(planDetachment(owner, '2026-13')).rejects.toMatchObject({ code: 'usage' });
});

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const rekey = (args: string[], more: Record<string, string> = {}): Promise<Ended> =>
  promisify(execFile)(process.execPath, ['cli/rekey.mjs', 'audit', ...args], {
    env: { ...process.env, ...more },
  }).then(
    (ended) => ({ code: 0, ...ended }),
    (error: Ended) => error,
  );

test('the command says what it would do, does it with --yes as the owner, and the archive is checked by a command', async () => {
  const asOwner = { REKEY_MIGRATION_URL: ownerUrl() };
  const said = await rekey(['detach', '--before', month], asOwner);
  expect(said).toMatchObject({ code: 0, stdout: expect.stringMatching(/^12 events, places 1 to 12/) });
  expect(said.stdout).toContain('Nothing was changed.');
  expect(await bodies()).toBe(20);
  const without = await rekey(['detach', '--before', month, '--out', archive(), '--yes'], {
    REKEY_MIGRATION_URL: '',
  });
  expect(without).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('takes the owner of the database'),
  });
  const done = await rekey(['detach', '--before', month, '--out', archive(), '--yes'], asOwner);
  expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('Detached places 1 to 12 to ') });
  expect(await bodies()).toBe(9);
  expect(await rekey(['check', archive()])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Checked 12 proofs: .*\nThis is the whole archive of places 1 to 12\.\n/),
  });
  const verified = await rekey(['verify']);
  expect(verified.stdout).toMatch(/Places 1 to 12: bodies detached on \S+ by \S+@\S+; hashes verified\./);
  expect(verified.code).toBe(0);
});
