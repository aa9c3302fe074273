import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { countNewerEvents } from '#core/evidence/count-newer-events.ts';
import { type AuditRow, listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { readAuditEvent } from '#core/evidence/read-audit-event.ts';
import { wordsOf } from '#core/evidence/words.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';

const actor = system('test');
const actors = ['anna@example.test', 'Bert Brown', 'worker'];
const actions = [
  'rotation.requested',
  'rotation.held',
  'secret.issued',
  'step.failed',
  'session.opened',
  'old.gone',
];
const credentials = [randomUUID(), randomUUID()];
const rotations = [randomUUID(), randomUUID(), randomUUID()];
const requests = ['req-1', 'req-2'];
const reasons = ['the weekly turn', 'Leak: AKIA-12/34 in CI', 'über Nacht', ''];

// A small generator with a seed of its own, so that a failure comes again.
let seed = 4711;
function pick<T>(from: readonly T[]): T {
  seed = (seed * 48271) % 2147483647;
  return from[seed % from.length] as T;
}

function anEvent() {
  return {
    action: pick(actions),
    outcome: pick(['success', 'success', 'failure']),
    actor: { kind: 'user', id: randomUUID(), name: pick(actors) },
    ...pick([{ credentialId: pick(credentials), credential: pick(['fleet-api', 'orders']) }, {}]),
    ...pick([{ rotationId: pick(rotations) }, {}]),
    ...pick([{ requestId: pick(requests) }, {}]),
    reason: pick(reasons),
  };
}

interface Stored {
  id: string;
  at: Date;
  body: Record<string, unknown> & { actor: { name: string } };
}

let all: Stored[] = [];

async function readAll(): Promise<Stored[]> {
  const { rows } = await db().pool.query<Stored>(
    'select id, at, body::jsonb as body from audit_events order by at desc, id desc',
  );
  return rows;
}

beforeAll(async () => {
  for (let batch = 0; batch < 30; batch += 1) {
    const events = Array.from({ length: 1 + (batch % 20) }, anEvent);
    await db().pool.query('select record_events($1::jsonb)', [JSON.stringify(events)]);
    await moveTime(process.env.DATABASE_URL ?? '', '5 hours');
  }
  await db().pool.query('analyze audit_events');
  all = await readAll();
});

/** What a reader of the rules would do: look at each event in turn. */
interface Asked {
  actor?: string[];
  action?: string[];
  credential?: string[];
  outcome?: string[];
  rotation?: string[];
  request?: string[];
  from?: Date;
  until?: Date;
  text?: string[];
}

const saysText = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : Object.entries((value ?? {}) as object).flatMap(([key, inner]) =>
        ['action', 'outcome', 'id', 'kind', 'at', 'credentialId', 'rotationId', 'requestId'].includes(key)
          ? []
          : saysText(inner),
      );

function fits({ at, body }: Stored, asked: Asked): boolean {
  const among = (values: string[] | undefined, value: unknown) =>
    values === undefined || values.includes(String(value));
  const action = String(body.action);
  const said = saysText(body).flatMap(wordsOf);
  return (
    among(asked.actor, body.actor.name) &&
    among(asked.credential, body.credentialId) &&
    among(asked.outcome, body.outcome) &&
    among(asked.rotation, body.rotationId) &&
    among(asked.request, body.requestId) &&
    (asked.action ?? [action]).some((one) =>
      one.endsWith('*') ? action.startsWith(one.slice(0, -1)) : action === one,
    ) &&
    (asked.from === undefined || at >= asked.from) &&
    (asked.until === undefined || at < asked.until) &&
    (asked.text ?? []).flatMap(wordsOf).every((word) => said.some((other) => other.startsWith(word)))
  );
}

function lineOf({ from, until, ...asked }: Asked): string {
  const parts = Object.entries(asked).flatMap(([name, values]: [string, string[] | undefined]) =>
    (values ?? []).map((value) =>
      name === 'text' ? JSON.stringify(value) : `${name}:${JSON.stringify(value)}`,
    ),
  );
  if (from !== undefined || until !== undefined) {
    parts.push(`created:${from?.toISOString() ?? ''}..${until?.toISOString() ?? ''}`);
  }
  return parts.join(' ');
}

/** Every page from the newest on, and every page from the oldest back. */
async function readPages(q: string, direction: 'older' | 'newer'): Promise<AuditRow[]> {
  const seen: AuditRow[] = [];
  let page = await listAuditEvents(actor, direction === 'older' ? { q } : { q, after: '0-0' });
  for (let round = 0; round < 30; round += 1) {
    if (direction === 'older') {
      seen.push(...page.items);
      if (page.older === null) return seen;
      page = await listAuditEvents(actor, { q, before: page.older });
    } else {
      const known = new Set(seen.map(({ id }) => id));
      // The last page on the way to the newest is filled up to a whole one.
      seen.unshift(...page.items.filter(({ id }) => !known.has(id)));
      if (page.newer === null) return seen;
      page = await listAuditEvents(actor, { q, after: page.newer });
    }
  }
  throw new Error('The pages do not end.');
}

const some = (values: readonly string[]) =>
  fc.option(fc.subarray([...values], { minLength: 1, maxLength: Math.min(3, values.length) }), {
    nil: undefined,
    freq: 2,
  });
const moment = fc.option(fc.nat({ max: 1000 }), { nil: undefined, freq: 3 });

const asked: fc.Arbitrary<Asked> = fc
  .record({
    actor: some([...actors, 'nobody']),
    action: some(['rotation.requested', 'rotation.*', 'step.failed', 's*', 'old.*', 'policy.*']),
    credential: some([...credentials, randomUUID()]),
    outcome: some(['success', 'failure']),
    rotation: some(rotations),
    request: some([...requests, 'req']),
    text: some(['week', 'LEAK akia', 'fleet-a', 'über', 'brown', 'nowhere', 'failure']),
    places: fc.tuple(moment, moment),
  })
  .map(({ places, ...rest }) => {
    const [from, until] = places
      .map((place) => (place === undefined ? undefined : all[place % all.length]?.at))
      .toSorted((a, b) => (a?.getTime() ?? 0) - (b?.getTime() ?? 0));
    const isRange = from === undefined || until === undefined || from < until;
    const given = { ...rest, ...(isRange ? { from, until } : {}) };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Asked;
  });

test('any question finds exactly the events that a look at each one finds, in pages from both ends', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(asked, async (question) => {
      const wanted = all.filter((event) => fits(event, question)).map(({ id }) => id);
      const q = lineOf(question);
      expect(
        (await readPages(q, 'older')).map(({ id }) => id),
        q,
      ).toEqual(wanted);
      expect(
        (await readPages(q, 'newer')).map(({ id }) => id),
        q,
      ).toEqual(wanted);
      found += wanted.length;
    }),
    { numRuns: 300 },
  );
  expect(found).toBeGreaterThan(1000);
});

test.each<[string, Asked]>([
  ['nothing', {}],
  ['an actor', { actor: ['Bert Brown'] }],
  ['actors', { actor: ['Bert Brown', 'worker'] }],
  ['an action', { action: ['rotation.held'] }],
  ['the beginning of an action', { action: ['rotation.*'] }],
  ['an action that this version does not know, by its beginning', { action: ['old.*'] }],
  ['a credential', { credential: credentials.slice(0, 1) }],
  ['failures', { outcome: ['failure'] }],
  ['a rotation', { rotation: rotations.slice(0, 1) }],
  ['a request', { request: ['req-1'] }],
  ['a word', { text: ['weekly'] }],
  ['the beginnings of two words in any order', { text: ['ci le'] }],
  ['a word and an outcome', { text: ['turn'], outcome: ['failure'] }],
])('the filter %s finds some events, and exactly those', async (_name, question) => {
  const wanted = all.filter((event) => fits(event, question)).map(({ id }) => id);
  expect(wanted.length).toBeGreaterThan(0);
  expect((await readPages(lineOf(question), 'older')).map(({ id }) => id)).toEqual(wanted);
});

test('a credential is found by its name too, and a name that none has is told', async () => {
  const { unknown, items } = await listAuditEvents(actor, { q: 'credential:fleet-api' });
  expect({ unknown, items }).toEqual({ unknown: ['fleet-api'], items: [] });
  const [id = ''] = credentials;
  await db().pool.query(
    `with i as (insert into issuers (id, name, kind, config) values (gen_random_uuid(), 'i', 'assisted', '{}') returning id)
     insert into credentials (id, name, issuer_id, place, environment) select $1, 'fleet-api', id, '{}', 'test' from i`,
    [id],
  );
  const wanted = all.filter((event) => event.body.credentialId === id).map((event) => event.id);
  expect((await readPages('credential:fleet-api', 'older')).map((event) => event.id)).toEqual(wanted);
});

test('an environment asks for what is of its credentials, with all other parts, and one that none is in is told', async () => {
  const [first = '', second = ''] = credentials;
  await db().pool.query(
    `with i as (insert into issuers (id, name, kind, config) values (gen_random_uuid(), 'j', 'assisted', '{}') returning id)
     insert into credentials (id, name, issuer_id, place, environment) select $1, 'orders', id, '{}', 'pre production' from i`,
    [second],
  );
  const of = (...ids: string[]) =>
    all.filter(({ body }) => ids.includes(String(body.credentialId))).map((event) => event.id);
  const found = async (q: string) => (await readPages(q, 'older')).map((event) => event.id);
  expect(await found('environment:test')).toEqual(of(first));
  expect(await found('environment:test environment:"pre production"')).toEqual(of(first, second));
  expect(await found('environment:"pre production" credential:orders')).toEqual(of(second));
  expect(await found('environment:test credential:orders')).toEqual([]);
  expect(await listAuditEvents(actor, { q: 'environment:tset' })).toMatchObject({
    items: [],
    unknown: [],
    unknownEnvironments: ['tset'],
  });
  // What is archived has a past all the same.
  await db().pool.query('update credentials set archived_at = rekey_now() where id = $1', [first]);
  expect(await found('environment:test')).toEqual(of(first));
});

test('a question that is not understood is refused whole, and answers no event', async () => {
  await expect(listAuditEvents(actor, { q: 'actor:worker who:me' })).rejects.toMatchObject({
    status: 422,
    code: 'bad_query',
    message: expect.stringContaining('There is no qualifier “who:”'),
  });
});

test('one event is read with its neighbours and its leaf, and one that is not there is not found', async () => {
  const [newer, event, older] = all.slice(10, 13);
  const found = await readAuditEvent(actor, { id: event?.id ?? '' });
  expect(found).toMatchObject({ id: event?.id, previous: older?.id, next: newer?.id, body: event?.body });
  expect(found.leaf).toMatch(/^[0-9a-f]{64}$/);
  expect(await readAuditEvent(actor, { id: all[0]?.id ?? '' })).toMatchObject({ next: null });
  expect(await readAuditEvent(actor, { id: all.at(-1)?.id ?? '' })).toMatchObject({ previous: null });
  await expect(readAuditEvent(actor, { id: '999999' })).rejects.toMatchObject({ status: 404 });
});

test('events that are added do not move a page, and are counted for who looks at the first one', async () => {
  const first = await listAuditEvents(actor, { q: '' });
  const second = await listAuditEvents(actor, { q: '', before: first.older ?? '' });
  const after = first.items[0]?.cursor ?? '';
  expect(await countNewerEvents(actor, { q: '', after })).toEqual({ count: 0, more: false });
  const events = JSON.stringify([anEvent(), { ...anEvent(), action: 'secret.issued' }]);
  await db().pool.query('select record_events($1::jsonb)', [events]);
  expect(await countNewerEvents(actor, { q: '', after })).toEqual({ count: 2, more: false });
  expect((await countNewerEvents(actor, { q: 'action:secret.*', after })).count).toBeGreaterThanOrEqual(1);
  expect(await listAuditEvents(actor, { q: '', before: first.older ?? '' })).toEqual(second);
});

test('words that are too long for the index of words are stored, and found by their beginning', async () => {
  const long = `${'a'.repeat(3000)} ${'ü'.repeat(3000)}`;
  await db().pool.query('select record_events($1::jsonb)', [
    JSON.stringify([{ ...anEvent(), reason: long }]),
  ]);
  expect((await listAuditEvents(actor, { q: 'a'.repeat(100) })).items).toHaveLength(1);
  expect((await listAuditEvents(actor, { q: 'ü'.repeat(64) })).items).toHaveLength(1);
});
