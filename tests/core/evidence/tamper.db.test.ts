import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { checkpointHash, signCheckpoint } from '#core/audit/checkpoint.ts';
import { auditKey, keyFromSeed } from '#core/audit/signing-key.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { SEALED_ROWS } from '#core/evidence/verify-row.ts';
import { compareWithWitness } from '#core/evidence/verify-witness.ts';
import type { Seen } from '#core/evidence/witness.ts';
import { db } from '#lib/db.ts';
import { batches, makeAnew, makeKnown } from '#tests/core/evidence/anew.ts';
import { add, rowsOf, settle, tamper, verifyAll } from '#tests/core/evidence/trail.ts';

/*
 * Ten kinds of change and more, made as the superuser with triggers off, on a log of four batches of five events. Each
 * case says what is found without a witness, where that is anything, and that the witness finds the rest.
 */

const CLEAN = ['audit_events', 'audit_leaves', 'audit_batches', 'audit_keys']
  .map((table) => `truncate ${table}`)
  .concat('alter table audit_events alter actor_name set not null');

/** What a witness was told before anything was altered. */
let witnessed: Seen[] = [];

beforeEach(async () => {
  await tamper(...CLEAN);
  for (let batch = 0; batch < 4; batch += 1) {
    for (let n = 0; n < 5; n += 1) await add(`person ${batch}-${n}`);
    await sealEvents();
    await settle();
  }
  witnessed = (await batches()).map((checkpoint) => ({ n: checkpoint.n, hash: checkpointHash(checkpoint) }));
});

/** The id of the event at a place. */
async function idAt(seq: number): Promise<string> {
  const [row] = await rowsOf<{ event_id: string }>(`select event_id from audit_leaves where seq = ${seq}`);
  return row?.event_id ?? '';
}

const found = async (withWitness: boolean) => (await verifyAll(withWitness ? { witnessed } : {})).firstBad;

const swap = (table: string, key: string, columns: string, a: string | number, b: string | number) =>
  `update ${table} t set (${columns}) = (select ${columns} from ${table} o
     where o.${key} = case t.${key} when ${a} then ${b}::bigint else ${a}::bigint end)
   where t.${key} in (${a}, ${b})`;

const COPIED =
  'at, action, outcome, actor_kind, actor_id, actor_name, credential_id, rotation_id, request_id, body, leaf';

const EDIT = (id: string) =>
  `update audit_events set body = replace(body, 'person', 'nobody'), actor_name = replace(actor_name, 'person', 'nobody')
    where id = ${id}`;

interface Case {
  change: () => Promise<void>;
  /** The row that is named, as far as the finding has one; null where nothing is found. */
  without: Record<string, unknown> | null;
  /** Where it is another row than without. */
  withWitness?: Record<string, unknown>;
}

const cases: Record<string, Case> = {
  'a body was edited': {
    change: async () => tamper(EDIT(await idAt(8))),
    without: { seq: 8, batch: 2, what: expect.stringMatching(/^the body of event \d+ was altered$/) },
  },
  'a body was edited with its leaf': {
    change: async () => {
      const id = await idAt(8);
      await tamper(
        EDIT(id),
        `update audit_events set leaf = sha256('\\x00'::bytea || convert_to(body, 'UTF8')) where id = ${id}`,
      );
    },
    without: { seq: 8, batch: 2, what: expect.stringMatching(/is not the one that was sealed/) },
  },
  'a leaf was edited': {
    change: async () => tamper(`update audit_events set leaf = '\\x00' where id = ${await idAt(8)}`),
    without: { seq: 8, what: expect.stringMatching(/^the leaf of event \d+ was altered$/) },
  },
  'a leaf was emptied': {
    change: async () =>
      tamper(
        'alter table audit_events alter leaf drop not null',
        `update audit_events set leaf = null where id = ${await idAt(8)}`,
      ),
    without: { seq: 8, what: expect.stringMatching(/^the leaf of event \d+ was altered$/) },
  },
  ...Object.fromEntries(
    Object.entries({
      at: `now() - interval '1 day'`,
      action: `'session.revoked'`,
      outcome: `'failure'`,
      actor_kind: `'system'`,
      actor_id: 'null',
      actor_name: `'Somebody'`,
      credential_id: 'gen_random_uuid()',
      rotation_id: 'gen_random_uuid()',
      request_id: `'r1'`,
    }).map(([column, value]): [string, Case] => [
      `the column ${column} was edited`,
      {
        change: async () =>
          tamper(`update audit_events set ${column} = ${value} where id = ${await idAt(13)}`),
        without: { seq: 13, batch: 3, what: expect.stringContaining(`the column ${column} of event`) },
      },
    ]),
  ),
  'a column that is empty was given what stands for a null where rows are read': {
    change: async () => tamper(`update audit_events set request_id = chr(2) where id = ${await idAt(13)}`),
    without: { seq: 13, batch: 3, what: expect.stringContaining('the column request_id of event') },
  },
  'a name was moved to the event before, behind a line break': {
    change: async () => {
      const [id, next] = [await idAt(13), await idAt(14)];
      await tamper(
        'alter table audit_events alter actor_name drop not null',
        `update audit_events set actor_name = actor_name || chr(10) ||
           (select actor_name from audit_events where id = ${next}) where id = ${id}`,
        `update audit_events set actor_name = null where id = ${next}`,
      );
    },
    without: { seq: 13, batch: 3, what: expect.stringContaining('the column actor_name of event') },
  },
  'an event was deleted': {
    change: async () => tamper(`delete from audit_events where id = ${await idAt(3)}`),
    without: { seq: 3, batch: 1, what: expect.stringMatching(/^event \d+ was deleted$/) },
  },
  'an event was deleted with its leaf': {
    change: async () => {
      const id = await idAt(3);
      await tamper(
        `delete from audit_events where id = ${id}`,
        `delete from audit_leaves where event_id = ${id}`,
      );
    },
    without: { seq: 3, batch: 1, what: 'the sealed leaf 3 was deleted' },
  },
  'two bodies were exchanged': {
    change: async () => tamper(swap('audit_events', 'id', COPIED, await idAt(7), await idAt(12))),
    without: { seq: 7, batch: 2, what: expect.stringMatching(/is not the one that was sealed/) },
  },
  'two events were exchanged in the sealed order': {
    change: async () => {
      const ids = await Promise.all([idAt(7), idAt(9)]);
      await tamper(
        'alter table audit_leaves drop constraint audit_leaves_pkey',
        `update audit_leaves set seq = 16 - seq where event_id in (${ids.join()})`,
        'alter table audit_leaves add primary key (seq)',
      );
    },
    without: { seq: 8, batch: 2, what: expect.stringMatching(/does not stand where it was sealed/) },
  },
  'two events exchanged their ids, and the order was kept': {
    change: async () => {
      const [a, b] = [await idAt(7), await idAt(17)];
      await tamper(
        swap('audit_events', 'id', COPIED, a, b),
        'drop index audit_leaves_event_id_key',
        `update audit_leaves set event_id = ${a}::bigint + ${b}::bigint - event_id where event_id in (${a}, ${b})`,
        'create unique index audit_leaves_event_id_key on audit_leaves (event_id)',
      );
    },
    without: { seq: 8, batch: 2, what: expect.stringMatching(/does not stand where it was sealed/) },
  },
  'an event got another id, and a copy took its place': {
    change: async () => {
      const last = await idAt(6);
      await tamper(
        `update audit_events set id = -1 where id = ${last}`,
        `update audit_leaves set event_id = -1 where event_id = ${last}`,
        `insert into audit_events (id, ${COPIED}) select ${last}, ${COPIED} from audit_events where id = -1`,
      );
    },
    without: { seq: 6, batch: 2, what: expect.stringMatching(/does not stand where it was sealed/) },
  },
  'an event was inserted at an id that had been left free': {
    change: async () => {
      const first = await idAt(1);
      await tamper(
        `insert into audit_events (id, ${COPIED}) select id - 1, ${COPIED} from audit_events where id = ${first}`,
      );
      await sealEvents();
    },
    without: {
      seq: null,
      what: expect.stringMatching(/^event \d+ was inserted after its place was sealed$/),
    },
  },
  'an event was inserted that dates itself back': {
    change: async () => {
      await tamper(
        `insert into audit_events (${COPIED})
           select (j.body::jsonb->>'at')::timestamptz, action, outcome, actor_kind, actor_id, actor_name, credential_id, rotation_id,
                  request_id, j.body, sha256('\\x00'::bytea || convert_to(j.body, 'UTF8'))
             from audit_events, lateral (select replace(body, '"at": "20', '"at": "19') as body) j where id = ${await idAt(1)}`,
      );
      await sealEvents();
    },
    without: { seq: 21, batch: 5, what: expect.stringMatching(/long before it was written$/) },
  },
  'a leaf was inserted after the end': {
    change: async () => tamper(`insert into audit_leaves values (21, 999999, '\\x00')`),
    without: { seq: 21, what: 'the sealed leaf 21 belongs to no batch' },
  },
  'a root was changed': {
    change: () => tamper(`update audit_batches set root = sha256('x') where n = 2`),
    without: { batch: 2, what: expect.stringMatching(/^the signature of batch 2 does not fit/) },
  },
  'the mark below which all has settled was changed': {
    change: () => tamper('update audit_batches set settled = settled + 1 where n = 2'),
    without: { batch: 2, what: expect.stringMatching(/^the signature of batch 2 does not fit/) },
  },
  'a batch was deleted': {
    change: () => tamper('delete from audit_batches where n = 2'),
    without: { batch: 2, what: 'batch 2 was deleted' },
  },
  'a batch was deleted, and those behind it were numbered anew': {
    change: () =>
      tamper('delete from audit_batches where n = 2', 'update audit_batches set n = n - 1 where n > 2'),
    without: { batch: 2, what: expect.stringMatching(/^the signature of batch 2 does not fit/) },
  },
  'the last batch was deleted, and its leaves were left': {
    change: () => tamper('delete from audit_batches where n = 4'),
    without: { seq: 16, what: 'the sealed leaf 16 belongs to no batch' },
  },
  'everything was made to fit but the signatures': {
    change: async () => {
      await tamper(EDIT(await idAt(8)));
      await makeAnew(auditKey(), {
        sign: (unsigned) => ({ ...unsigned, signature: Buffer.alloc(64).toString('base64') }),
      });
    },
    without: { batch: 1, what: expect.stringMatching(/^the signature of batch 1 does not fit/) },
  },
  'everything was made to fit and signed with another key, which was made known': {
    change: async () => {
      const key = keyFromSeed(Buffer.alloc(32, 99));
      await tamper(EDIT(await idAt(8)), makeKnown(key));
      await makeAnew(key);
    },
    without: {
      batch: 4,
      what: expect.stringMatching(/^the newest batch, 4, is not signed with the key of this installation/),
    },
  },
  'another key was put under the id of ours': {
    change: async () => {
      const key = keyFromSeed(Buffer.alloc(32, 99));
      await tamper(EDIT(await idAt(8)), `update audit_keys set public_key = '\\x${key.raw.toString('hex')}'`);
      await makeAnew(auditKey(), { sign: (unsigned) => signCheckpoint(unsigned, key) });
    },
    without: { batch: 1, what: expect.stringMatching(/^the signature of batch 1 does not fit/) },
  },
  'the end was cut off, events with their leaves and batches': {
    change: async () => {
      await tamper(
        `delete from audit_events where id >= ${await idAt(16)}`,
        'delete from audit_leaves where seq >= 16',
        'delete from audit_batches where n >= 4',
      );
    },
    without: null,
    withWitness: { batch: 4, what: 'batch 4 was deleted: the witness was told of it' },
  },
  'the end was cut off, and the log went on': {
    change: async () => {
      await tamper(
        `delete from audit_events where id >= ${await idAt(16)}`,
        'delete from audit_leaves where seq >= 16',
        'delete from audit_batches where n >= 4',
      );
      await add();
      await sealEvents();
    },
    without: null,
    withWitness: {
      batch: 4,
      what: expect.stringMatching(/^batch 4 is another than the one the witness was told/),
    },
  },
  'all of it was deleted': {
    change: () => tamper(...CLEAN),
    without: null,
    withWitness: { batch: 1, what: 'batch 1 was deleted: the witness was told of it' },
  },
  'everything was made anew with the key of the installation': {
    change: async () => {
      await tamper(EDIT(await idAt(8)));
      await makeAnew(auditKey());
    },
    without: null,
    withWitness: {
      batch: 2,
      what: expect.stringMatching(/^batch 2 is another than the one the witness was told/),
    },
  },
};

test('a log that nobody touched verifies, and the witness agrees', async () => {
  const { ok, events, sealedThrough, firstBad, witnesses } = await verifyAll({ witnessed });
  expect({ ok, events, firstBad }).toEqual({ ok: true, events: 20, firstBad: null });
  expect(sealedThrough).toMatchObject({ seq: 20, batch: 4 });
  expect(witnesses.at(-1)).toMatchObject({ says: 'agrees', through: 4 });
});

test('of more than a million checkpoints that were kept elsewhere each one is compared', async () => {
  async function* kept(): AsyncGenerator<Seen> {
    for (let times = 0; times < 250_000; times += 1) yield* witnessed;
    yield { n: 3, hash: 'another' };
  }
  const { ok, witnesses } = await verifyAll({ witnessed: kept() });
  expect(ok).toBe(false);
  expect(witnesses.at(-1)).toMatchObject({ says: 'differs', through: 4, detail: 'Batch 3 is another.' });
});

test.each(Object.entries(cases))(
  'it is found with a witness, and the row is named: %s',
  async (_name, { change, without, withWitness }) => {
    await change();
    expect(await found(true)).toMatchObject(withWitness ?? without ?? { what: 'anything' });
  },
);

test.each(Object.entries(cases).filter(([, { without }]) => without !== null))(
  'it is found without a witness: %s',
  async (_name, { change, without }) => {
    await change();
    expect(await found(false)).toMatchObject(without ?? {});
  },
);

test('without a witness exactly these are missed: a cut end, and a log made anew with the key', async () => {
  const missed = Object.entries(cases).filter(([, { without }]) => without === null);
  expect(missed.map(([name]) => name)).toEqual([
    'the end was cut off, events with their leaves and batches',
    'the end was cut off, and the log went on',
    'all of it was deleted',
    'everything was made anew with the key of the installation',
  ]);
});

test.each(Object.entries(cases).filter(([, { without }]) => without === null))(
  'it is missed without a witness: %s',
  async (_name, { change }) => {
    await change();
    expect(await verifyAll()).toMatchObject({ ok: true, firstBad: null });
  },
);

test('a log that nobody touched is verified by pages; rows are only looked at one by one where a page is not as it was', async () => {
  const asked = vi.spyOn(db().pool, 'query');
  const looks = () =>
    asked.mock.calls.filter(([query]) => z.object({ text: z.literal(SEALED_ROWS) }).safeParse(query).success);
  await verifyAll();
  expect(looks()).toHaveLength(0);
  await tamper(EDIT(await idAt(8)));
  await verifyAll();
  expect(looks()).toHaveLength(2);
  asked.mockRestore();
});

test('a log that was made anew with another key is not sealed on, also where that of the installation was made unknown', async () => {
  const key = keyFromSeed(Buffer.alloc(32, 99));
  await tamper(EDIT(await idAt(8)), makeKnown(key));
  await makeAnew(key);
  await expect(sealEvents()).rejects.toThrow(
    /has replaced\. This worker seals nothing.*somebody rewrote the log/,
  );
  await tamper(`delete from audit_keys where id = '${auditKey().id}'`);
  await add();
  await expect(sealEvents()).rejects.toThrow(
    `The newest batch of the audit log, 4, is of the key ${key.id}, and REKEY_AUDIT_KEY is the key ${auditKey().id}. This worker seals nothing.`,
  );
  expect(await batches()).toHaveLength(4);
  expect((await verifyAll()).firstBad?.what).toMatch(
    /^the newest batch, 4, is not signed with the key of this/,
  );
});

test('a newest batch that the key of the installation did not sign is not sealed on, whatever id it names', async () => {
  await makeAnew(auditKey(), {
    sign: (unsigned) => signCheckpoint(unsigned, keyFromSeed(Buffer.alloc(32, 99))),
  });
  await add();
  await expect(sealEvents()).rejects.toThrow(
    /^The newest batch of the audit log, 4, is not as this installation's key/,
  );
  expect(await batches()).toHaveLength(4);
});

test('what is found becomes an event, and so does that nothing was', async () => {
  const latest = async () => {
    const [row] = await rowsOf<{ body: string; outcome: string }>(
      'select body, outcome from audit_events order by id desc limit 1',
    );
    return { outcome: row?.outcome, ...z.record(z.string(), z.unknown()).parse(JSON.parse(row?.body ?? '')) };
  };
  await verifyAll();
  expect(await latest()).toMatchObject({
    action: 'audit.verified',
    outcome: 'success',
    ok: true,
    events: 20,
  });
  await tamper(`delete from audit_events where id = ${await idAt(3)}`);
  await verifyAll();
  expect(await latest()).toMatchObject({ action: 'audit.verified', outcome: 'failure', ok: false });
});

test('a range in which nothing can be is refused, so that no proof of nothing is taken for one', async () => {
  const [{ last } = { last: 0 }] = await rowsOf<{ last: number }>(
    'select max(last_seq)::float8 as last from audit_batches',
  );
  await expect(verifyAll({ from: last + 1 })).rejects.toMatchObject({
    code: 'bad_range',
    message: `There is no place ${last + 1} yet: the log is sealed through ${last}. Nothing was verified.`,
  });
  await expect(verifyAll({ from: 9, to: 5 })).rejects.toMatchObject({ code: 'bad_range' });
});

test('a range is verified by itself: what lies outside of its batches is not looked at', async () => {
  await tamper(EDIT(await idAt(8)));
  expect(await verifyAll({ from: 11, to: 14 })).toMatchObject({ ok: true, events: 5 });
  expect(await verifyAll({ from: 11 })).toMatchObject({ ok: true, events: 10 });
  expect(await verifyAll({ to: 5 })).toMatchObject({ ok: true, events: 5 });
  expect(await verifyAll({ from: 6, to: 6 })).toMatchObject({ ok: false, firstBad: { seq: 8 } });
});

test('a range that was made anew with a key that was made known is found by the batches behind it', async () => {
  const key = keyFromSeed(Buffer.alloc(32, 99));
  await tamper(EDIT(await idAt(8)), makeKnown(key));
  await makeAnew(key, { through: 2 });
  const [range, what] = [
    { to: 10 },
    'batch 3 does not follow the batch before it: one of the two was replaced',
  ];
  expect(await verifyAll(range)).toMatchObject({ ok: false, firstBad: { batch: 3, what } });
  // Links can be made without a key; what the newest one names is signed.
  await makeAnew(key, {
    sign: (unsigned) =>
      unsigned.n <= 2
        ? signCheckpoint(unsigned, key)
        : { ...unsigned, keyId: auditKey().id, signature: Buffer.alloc(64).toString('base64') },
  });
  expect(await verifyAll(range)).toMatchObject({
    ok: false,
    firstBad: { batch: 4, what: expect.stringMatching(/^the signature of batch 4 does not fit/) },
  });
});

test('a batch that was deleted behind a range is found from the range', async () => {
  await tamper('delete from audit_batches where n = 3');
  expect(await verifyAll({ to: 5 })).toMatchObject({ firstBad: { batch: 3, what: 'batch 3 was deleted' } });
});

test('a witness that does not answer is reported as such, and is no fault of the log', async () => {
  const silent = {
    ...{ name: 'W', kind: 'remote' as const, everyMs: 0, tell: async () => {} },
    // biome-ignore lint/correctness/useYield: it fails before it has anything to give.
    seen: async function* (): AsyncGenerator<Seen> {
      throw new Error('It answered 503.');
    },
  };
  const { report, firstBad } = await compareWithWitness(db().pool, silent);
  expect(firstBad).toBeNull();
  expect(report).toMatchObject({ says: 'no_answer', detail: 'It answered 503.' });
});
