import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { BATCH_PLACES, checkpointText } from '#core/audit/checkpoint.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { db } from '#lib/db.ts';
import { withClient } from '#scripts/migrations.ts';
import { add, leaves, rowsOf, settle, verifyAll } from '#tests/core/evidence/trail.ts';
import { moveTime } from '#tests/support/database.ts';

/** Every event has one place, and places have no gap. */
async function expectAllSealedOnce(): Promise<void> {
  const sealed = await leaves();
  const events = await rowsOf<{ id: string }>('select id from audit_events order by id');
  expect(sealed.map(({ seq }) => Number(seq))).toEqual(sealed.map((_, index) => index + 1));
  expect(sealed.map(({ event_id }) => event_id).toSorted((a, b) => Number(a) - Number(b))).toEqual(
    events.map(({ id }) => id),
  );
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

const EVENT = `select record_event('{"action": "session.opened", "outcome": "success",
  "actor": {"kind": "user", "id": "u1", "name": "Late"}}')`;

const addMany = (count: number) =>
  db().pool.query(
    `select record_events(jsonb_agg(e)) from (
       select '{"action": "session.opened", "outcome": "success", "actor": {"kind": "user", "id": null, "name": "x"}}'::jsonb e
         from generate_series(1, $1::integer)) many`,
    [count],
  );

test('a log without an event has no checkpoint, and verifies', async () => {
  expect(await sealEvents()).toBeNull();
  expect(await verifyAll()).toMatchObject({ ok: true, events: 0, sealedThrough: null });
});

/** Adds events that are sealed in two batches, the second one with four of them. */
const addMoreThanABatch = () => addMany(BATCH_PLACES + 4);

test('a log whose first events waited for hours until there was a sealer verifies', async () => {
  await addMoreThanABatch();
  await moveTime(process.env.DATABASE_URL ?? '', '2 hours');
  await sealEvents();
  expect(await verifyAll()).toMatchObject({ ok: true, firstBad: null, sealedThrough: { batch: 2 } });
  expect(await verifyAll({ from: BATCH_PLACES + 1 })).toMatchObject({ ok: true, firstBad: null });
});

test('an event is sealed once, and a sealer with nothing to do writes nothing', async () => {
  await add();
  const first = await sealEvents();
  expect(await sealEvents()).toEqual(first);
  await expectAllSealedOnce();
});

test('an event whose transaction commits after later events were sealed is sealed too', async () => {
  const late = await connect();
  await late.query('begin');
  await late.query(EVENT);
  for (let n = 0; n < 5; n += 1) {
    await add();
    await sealEvents();
  }
  const before = (await leaves()).length;
  await late.query('commit');
  await sealEvents();
  expect(await leaves()).toHaveLength(before + 1);
  await expectAllSealedOnce();
  expect(await verifyAll()).toMatchObject({ ok: true });
});

test('the sealer looks back no further than to the oldest transaction that is open', async () => {
  const settled = async () => (await sealEvents())?.settled ?? 0;
  const open = await connect();
  await open.query('begin');
  await open.query(EVENT);
  await add();
  const held = await settled();
  for (let n = 0; n < 3; n += 1) {
    await add();
    expect(await settled()).toBe(held);
  }
  await open.query('rollback');
  await settle();
  await add();
  expect(await settled()).toBeGreaterThan(held);
});

test('sealers that work at the same time as writers that commit in any order seal each event once', async () => {
  const writers = await Promise.all(Array.from({ length: 6 }, connect));
  let writing = true;
  const write = async (client: pg.Client, lane: number) => {
    for (let n = 0; n < 40; n += 1) {
      await client.query('begin');
      for (let m = 0; m <= (n + lane) % 3; m += 1) await client.query(EVENT);
      await client.query(`select pg_sleep(${((n * 7 + lane * 3) % 5) / 500})`);
      await client.query((n + lane) % 4 === 0 ? 'rollback' : 'commit');
    }
  };
  const seal = async () => {
    while (writing) await sealEvents();
  };
  const sealers = Promise.all([seal(), seal(), seal()]);
  await Promise.all(writers.map(write));
  writing = false;
  await sealers;
  await sealEvents();
  await expectAllSealedOnce();
  const found = await verifyAll();
  expect(found).toMatchObject({ ok: true, unsealed: { events: 0 } });
  expect(found.sealedThrough?.batch).toBeGreaterThan(10);
});

test('more events than one batch holds are sealed in several, with nothing between them', async () => {
  await addMany(10_000);
  const before = await sealEvents();
  await expectAllSealedOnce();
  expect(before?.settled).toBeGreaterThan(0);
  expect(await verifyAll()).toMatchObject({ ok: true });
});

const SEAL_FOR_EVER = `
  import { sealEvents } from '#core/evidence/seal-events.ts';
  for (let n = 0; ; n += 1) {
    await sealEvents();
    if (n === 0) process.stdout.write('sealing');
  }`;

function startSealer(): ChildProcess {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', SEAL_FOR_EVER];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

test('a sealer that is killed in the midst of its work leaves nothing half sealed and no lock behind', async () => {
  for (let round = 0; round < 4; round += 1) {
    const child = startSealer();
    // Listened for from here on: it may end while the writing goes on.
    const ended = once(child, 'exit');
    if (child.stdout !== null) await once(child.stdout, 'data');
    const writing = Promise.all(Array.from({ length: 30 + round * 7 }, () => add()));
    await add();
    child.kill('SIGKILL');
    await writing;
    await ended;
  }
  // The server may take a moment to notice that a client is gone.
  await expect
    .poll(
      async () => {
        await sealEvents();
        return (await verifyAll()).unsealed.events;
      },
      { timeout: 30_000 },
    )
    .toBe(0);
  await sealEvents();
  await expectAllSealedOnce();
  expect(await verifyAll()).toMatchObject({ ok: true });
});

test('while another sealer holds the lock nothing is sealed, and it goes on after that one died', async () => {
  const holder = await connect();
  await holder.query('begin');
  await holder.query('select pg_advisory_xact_lock(84200614)');
  await add();
  const before = (await leaves()).length;
  await sealEvents();
  expect(await leaves()).toHaveLength(before);
  const { rows } = await holder.query<{ pid: number }>('select pg_backend_pid() as pid');
  holder.on('error', () => {});
  await withClient(inject('postgresUrl'), (client) =>
    client.query('select pg_terminate_backend($1)', [rows[0]?.pid]),
  );
  await expect
    .poll(
      async () => {
        await sealEvents();
        return (await leaves()).length;
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThan(before);
});

const FREEZE_ONCE = `
  import { sealEvents } from '#core/evidence/seal-events.ts';
  import { db } from '#lib/db.ts';
  const { pool } = db();
  const connect = pool.connect.bind(pool);
  let frozen = false;
  pool.connect = async (...taken) => {
    if (taken.length > 0) return connect(...taken);
    const client = await connect();
    const query = client.query.bind(client);
    client.query = async (text, ...values) => {
      const answer = await query(text, ...values);
      if (!frozen && String(text).includes('insert into audit_leaves')) {
        frozen = true;
        process.kill(process.pid, 'SIGSTOP');
      }
      return answer;
    };
    return client;
  };
  for (;;) {
    await sealEvents().catch((error) => process.stdout.write('failed: ' + error.message));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }`;

test('a sealer that is frozen in the midst of a batch is passed over, and does nothing twice when it goes on', async () => {
  await add();
  await sealEvents();
  const before = (await leaves()).length;
  await add();
  const args = ['--import', 'tsx', '--input-type=module', '--eval', FREEZE_ONCE];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let said = '';
  child.stdout?.on('data', (part) => {
    said += part;
  });
  const state = () => fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.[0];
  await expect.poll(state, { timeout: 40_000 }).toBe('T');
  await sealEvents();
  expect(await leaves(), 'the frozen one still holds the lock').toHaveLength(before);
  await expect
    .poll(
      async () => {
        await sealEvents();
        return (await leaves()).length;
      },
      { timeout: 40_000 },
    )
    .toBe(before + 1);
  child.kill('SIGCONT');
  await expect.poll(() => said, { timeout: 40_000 }).toContain('failed: ');
  await add();
  await expect.poll(async () => (await leaves()).length, { timeout: 40_000 }).toBe(before + 2);
  expect(child.exitCode).toBeNull();
  await expectAllSealedOnce();
  expect(await verifyAll()).toMatchObject({ ok: true });
});

test('a log that was written while the clock leapt ahead and went back again verifies', async () => {
  const url = process.env.DATABASE_URL ?? '';
  for (const leap of ['3 days', '-3 days', '-2 hours', '2 hours']) {
    await add();
    await moveTime(url, leap);
    await add();
    await sealEvents();
    await add();
    await sealEvents();
  }
  await expectAllSealedOnce();
  expect(await verifyAll()).toMatchObject({ ok: true, firstBad: null });
});

test('a log whose sealer stood still for hours while more came than a batch holds verifies, in part too', async () => {
  await add();
  await sealEvents();
  const [{ places } = { places: 0 }] = await rowsOf<{ places: number }>(
    'select max(last_seq)::float8 as places from audit_batches',
  );
  await addMany(2 * BATCH_PLACES + 4);
  await moveTime(process.env.DATABASE_URL ?? '', '2 hours');
  await sealEvents();
  expect(await verifyAll()).toMatchObject({ ok: true, firstBad: null });
  for (const from of [1, BATCH_PLACES + 1, 2 * BATCH_PLACES + 1]) {
    expect(await verifyAll({ from: places + from })).toMatchObject({ ok: true, firstBad: null });
  }
});

test.each([
  ...['audit_leaves', 'audit_batches', 'audit_keys'].flatMap((table) => [
    `delete from ${table}`,
    `truncate ${table}`,
  ]),
  'update audit_leaves set seq = seq + 1',
  `update audit_batches set key_id = 'x'`,
  `update audit_keys set id = 'x'`,
])('sealed rows are never changed, neither by the application nor by the owner: %s', async (statement) => {
  await add();
  await sealEvents();
  await expect(db().pool.query(statement)).rejects.toMatchObject({
    code: '42501',
    message: expect.stringContaining('permission denied'),
  });
  const url = new URL(inject('postgresUrl'));
  url.username = 'rekey_owner';
  url.pathname = new URL(process.env.DATABASE_URL ?? '').pathname;
  await withClient(url.toString(), async (client) => {
    await expect(client.query(statement)).rejects.toThrow(/append-only: \w+ is refused/);
  });
});

test('the text that is signed is fixed: a change to it would make every older checkpoint false', () => {
  const checkpoint = { n: 2, firstSeq: 4, lastSeq: 9, root: 'aa', previous: 'bb', settled: 7 };
  expect(checkpointText({ ...checkpoint, at: '2026-01-01T00:00:00.000Z', keyId: 'cc' })).toBe(
    'rekey audit checkpoint v1\n2\n4\n9\naa\nbb\n7\n2026-01-01T00:00:00.000Z\ncc\n',
  );
});

// The last one: it leaves a log that does not verify.
test('an event that dates itself back behind a full batch is found: only what was there before that one can have waited', async () => {
  const url = process.env.DATABASE_URL ?? '';
  await add();
  await sealEvents();
  await addMany(BATCH_PLACES);
  await moveTime(url, '-3 hours');
  await add();
  await moveTime(url, '3 hours');
  await sealEvents();
  const what = expect.stringMatching(/long before it was written$/);
  expect(await verifyAll()).toMatchObject({ ok: false, firstBad: { what } });
});
