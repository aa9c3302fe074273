import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { metricsText } from '#app/_doors/metrics-text.ts';
import { system } from '#core/access/actor.ts';
import { leafHash } from '#core/audit/merkle.ts';
import type { Collector } from '#core/evidence/collector.ts';
import { httpCollector } from '#core/evidence/collector-http.ts';
import { syslogCollector } from '#core/evidence/collector-syslog.ts';
import { detachEvents, planDetachment } from '#core/evidence/detach-events.ts';
import { carry } from '#core/evidence/keep-streaming.ts';
import { listCollectorStates } from '#core/evidence/list-collector-states.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { readMetrics } from '#core/rotation/read-metrics.ts';
import { db, openDatabase } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { createGuard } from '#lib/guard.ts';
import { createHttp } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { type Receiver, receiver } from '#tests/core/evidence/receiver.ts';
import { add, rowsOf, tamper } from '#tests/core/evidence/trail.ts';
import { certificate, privateKey } from '#tests/fakes/loopback-tls.ts';
import { moveTime } from '#tests/support/database.ts';
import { fakeApi } from '#tests/support/fake-api.ts';
import { scratchFolder } from '#tests/support/folder.ts';

const TABLES = [
  'audit_events',
  'audit_leaves',
  'audit_batches',
  'audit_keys',
  'audit_detachments',
  'audit_streams',
];

beforeEach(() => tamper(...TABLES.map((table) => `truncate ${table}`)));

async function addBatch(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await add(`person ${n}`);
  await sealEvents();
}

async function started(options: Parameters<typeof receiver>[0] = {}): Promise<Receiver> {
  const made = await receiver(options);
  onTestFinished(() => made.close());
  return made;
}

const over = (port: number, more: Partial<Parameters<typeof syslogCollector>[0]> = {}): Collector =>
  syslogCollector({ name: 'siem', host: '127.0.0.1', port, tls: null, from: 'rekey.test', ...more });

/** Names the collector in this process's environment, as REKEY_AUDIT_STREAM does. */
function configure(name: string, port = 0): void {
  const { REKEY_AUDIT_STREAM: named } = env();
  named.push({ name, url: new URL(`syslog+tcp://127.0.0.1:${port}`), port });
  onTestFinished(() => {
    named.length = 0;
  });
}

const send = (collector: Collector) => carry(db().pool, collector);
const wait = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);
const seqsOf = (messages: readonly string[]) =>
  messages.map((message) => Number(/ seq="(\d+)"/.exec(message)?.[1]));
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, n) => first + n);
const stateOf = async () => (await rowsOf('select seq, error, failures from audit_streams'))[0];

test('every sealed event is sent once and in the sealed order, and later only what is new', async () => {
  const siem = await started();
  for (const count of [3, 4, 5]) await addBatch(count);
  await add('not sealed yet');
  await send(over(siem.port));
  expect(seqsOf(siem.messages())).toEqual(upTo(12));
  await send(over(siem.port));
  expect(siem.connections()).toBe(1);
  await addBatch(2);
  await send(over(siem.port));
  expect(seqsOf(siem.messages())).toEqual(upTo(15));
});

test('more events than go at once follow each other without a gap', async () => {
  const siem = await started();
  await db().pool.query(`select record_event(jsonb_build_object('action', 'everything.paused', 'outcome', 'success',
    'actor', jsonb_build_object('kind', 'system', 'id', null, 'name', 'test'), 'n', n)) from generate_series(1, 1201) n`);
  await sealEvents();
  await send(over(siem.port));
  expect(seqsOf(siem.messages())).toEqual(upTo(1201));
  expect(siem.connections()).toBe(3);
});

test('a message carries the body byte for byte, so that its leaf can be worked out again', async () => {
  const siem = await started();
  await addBatch(1);
  await send(over(siem.port));
  const [, leaf = '', body = ''] = / leaf="(\w+)".*?\] \ufeff?(\{.*)$/s.exec(siem.messages()[0] ?? '') ?? [];
  expect(leafHash(body).toString('hex')).toBe(leaf);
});

test('a collector that is away is sent everything once it is back, in order, and meanwhile its error is told', async () => {
  const gone = await receiver();
  await addBatch(3);
  await gone.close();
  await send(over(gone.port));
  expect(await stateOf()).toMatchObject({
    seq: '0',
    failures: 1,
    error: expect.stringContaining('ECONNREFUSED'),
  });
  await addBatch(2);
  const siem = await started({ port: gone.port });
  await send(over(siem.port));
  expect(siem.connections(), 'it is not asked again at once').toBe(0);
  await wait('2 seconds');
  await send(over(siem.port));
  expect(seqsOf(siem.messages())).toEqual(upTo(5));
  expect(await stateOf()).toMatchObject({ seq: '5', failures: 0, error: null });
});

test('what a collector broke off in is sent again, whole', async () => {
  const siem = await started();
  siem.manner = 'drop';
  await addBatch(4);
  await send(over(siem.port));
  expect(await stateOf()).toMatchObject({ seq: '0', failures: 1 });
  siem.manner = 'read';
  await wait('2 seconds');
  await send(over(siem.port));
  expect(seqsOf(siem.messages()).slice(-4)).toEqual(upTo(4));
});

test('a worker that is killed before the collector has closed has not moved the position: another sends it again', async () => {
  const siem = await started();
  siem.manner = 'never';
  await addBatch(4);
  const code = `
    import { keepStreaming } from '#core/evidence/keep-streaming.ts';
    await keepStreaming();
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    env: { ...process.env, REKEY_AUDIT_STREAM: `syslog+tcp://127.0.0.1:${siem.port}` },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await expect.poll(() => siem.messages().length, { timeout: 60_000 }).toBe(4);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const other = over(siem.port, { name: `syslog+tcp://127.0.0.1:${siem.port}` });
  siem.manner = 'read';
  await send(other);
  expect(siem.connections(), 'the turn of the one that was killed is not over').toBe(1);
  await wait('31 seconds');
  await send(other);
  expect(seqsOf(siem.messages())).toEqual([...upTo(4), ...upTo(4)]);
});

test('of several workers one has the turn, and the others send nothing meanwhile', async () => {
  await addBatch(5);
  let release: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const sent: number[][] = [];
  const held: Collector = {
    name: 'siem',
    send: async (events) => {
      sent.push(events.map(({ seq }) => seq));
      await gate;
    },
  };
  let ended = 0;
  const workers = Array.from({ length: 6 }, () =>
    send(held).then(() => {
      ended += 1;
    }),
  );
  await expect.poll(() => ended + sent.length, { timeout: 40_000 }).toBe(6);
  expect(sent).toEqual([upTo(5)]);
  release();
  await Promise.all(workers);
  expect(sent).toEqual([upTo(5)]);
});

test('a worker whose turn was taken over does not move the position back', async () => {
  const [slow, quick] = [await started(), await started()];
  await addBatch(2);
  let release: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held: Collector = {
    name: 'siem',
    send: async (events, signal) => {
      await over(slow.port).send(events, signal);
      await gate;
    },
  };
  const first = send(held);
  await expect.poll(() => slow.messages().length, { timeout: 40_000 }).toBe(2);
  await wait('31 seconds');
  await addBatch(3);
  await send(over(quick.port));
  release();
  await first;
  expect(await stateOf()).toMatchObject({ seq: '5' });
});

test('an event that somebody deleted holds up none behind it', async () => {
  const siem = await started();
  await addBatch(3);
  await tamper('delete from audit_events where id = (select max(id) from audit_events)');
  await send(over(siem.port));
  await send(over(siem.port));
  expect(seqsOf(siem.messages())).toEqual([1, 2]);
  expect(await stateOf()).toMatchObject({ seq: '3' });
});

/** Names of this process's own, so that a certificate can be of one. */
function resolve(host: string): void {
  const shared = globalThis as { rekeyOutside?: unknown };
  const before = shared.rekeyOutside;
  const guard = createGuard({ allowHosts: [host], resolver: async () => ['127.0.0.1'] });
  shared.rekeyOutside = { guard, http: createHttp({ guard }), withTls: new Map() };
  onTestFinished(() => {
    shared.rekeyOutside = before;
  });
}

test('over TLS the certificate is checked, and that of a private authority is trusted where it is named', async () => {
  resolve('target.test');
  const siem = await started({ tls: { cert: certificate, key: privateKey } });
  await addBatch(2);
  const named = (ca: string | undefined) => over(siem.port, { host: 'target.test', tls: { ca } });
  await send(named(undefined));
  expect(await stateOf()).toMatchObject({ seq: '0', error: expect.stringMatching(/certificate/) });
  expect(siem.messages()).toEqual([]);
  await wait('2 seconds');
  await send(named(certificate));
  expect(seqsOf(siem.messages())).toEqual(upTo(2));
  expect(await stateOf()).toMatchObject({ seq: '2', error: null });
});

test('an address that the guard does not allow is not connected to', async () => {
  const siem = await started();
  resolve('elsewhere.test');
  await addBatch(1);
  await send(over(siem.port));
  expect(await stateOf()).toMatchObject({ error: expect.stringContaining('REKEY_ALLOW_HOSTS') });
  expect(siem.connections()).toBe(0);
});

test('an HTTP collector is sent JSON lines with its authorization, and what it refuses is sent again', async () => {
  const bodies: string[] = [];
  const api = await fakeApi(({ body, headers, path }) => {
    if (headers.authorization !== 'Splunk canary-secret' || path !== '/services/raw') return [403];
    bodies.push(body);
    return [200];
  });
  onTestFinished(() => api.close());
  const url = new URL(`${api.url}/services/raw`);
  const place = { name: 'hec', url, ca: undefined };
  await addBatch(3);
  api.trouble = () => [503];
  const authorization = new Plaintext('Splunk canary-secret');
  await send(httpCollector({ ...place, authorization }));
  expect(await stateOf()).toMatchObject({ seq: '0', error: 'It answered 503.' });
  api.trouble = () => undefined;
  await wait('2 seconds');
  await send(httpCollector({ ...place, authorization }));
  const lines = bodies.join('').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).seq)).toEqual(upTo(3));
  for (const line of lines) {
    const [, leaf, body = ''] = /"leaf":"(\w+)","body":(.*)\}$/.exec(line) ?? [];
    expect(leafHash(body).toString('hex')).toBe(leaf);
  }
});

const figures = async () => metricsText(await readMetrics(system('test'), {}));

test('how far a collector is behind is shown to people and to monitoring', async () => {
  const siem = await started();
  configure('siem', siem.port);
  await addBatch(3);
  await wait('90 seconds');
  expect(await listCollectorStates(system('test'), {})).toMatchObject([
    { name: 'siem', behind: 3, sentAt: null, error: null },
  ]);
  expect(await figures()).toMatch(/^rekey_audit_unstreamed_events 3$/m);
  expect(Number(/^rekey_audit_stream_lag_seconds (\S+)$/m.exec(await figures())?.[1])).toBeGreaterThanOrEqual(
    90,
  );
  await send(over(siem.port));
  expect(await listCollectorStates(system('test'), {})).toMatchObject([
    { behind: 0, since: null, error: null },
  ]);
  expect(await figures()).toMatch(/^rekey_audit_unstreamed_events 0$/m);
  expect(await figures()).toMatch(/^rekey_audit_stream_lag_seconds 0$/m);
});

test('a database that was restored sends a collector nothing more until it is resumed, also one that it is sending to', async () => {
  const siem = await started();
  await db().pool.query(`select record_event(jsonb_build_object('action', 'everything.paused', 'outcome', 'success',
    'actor', jsonb_build_object('kind', 'system', 'id', null, 'name', 'test'), 'n', n)) from generate_series(1, 1201) n`);
  await sealEvents();
  const real = over(siem.port);
  const restoring: Collector = {
    name: 'siem',
    send: async (events, signal) => {
      await real.send(events, signal);
      await db().pool.query(`insert into standstill (id, by, reason) values (2, 'Rekey', 'restored')`);
    },
  };
  await send(restoring);
  await send(real);
  expect(seqsOf(siem.messages())).toEqual(upTo(500));
  expect(await stateOf()).toMatchObject({ seq: '500', failures: 0 });
  await db().pool.query('delete from standstill where id = 2');
  await send(real);
  expect(seqsOf(siem.messages())).toEqual(upTo(1201));
});

test('what a collector was not sent yet is not detached, and what is detached is not waited for', async () => {
  const siem = await started();
  configure('siem', siem.port);
  const url = new URL(process.env.DATABASE_URL ?? '');
  url.username = 'rekey_owner';
  const owner = openDatabase(url.toString(), 2);
  onTestFinished(() => owner.close());
  await addBatch(3);
  await wait('40 days');
  await addBatch(1);
  const [{ month } = { month: '' }] = await rowsOf<{ month: string }>(
    `select to_char(rekey_now() at time zone 'UTC', 'YYYY-MM') as month`,
  );
  const plan = await planDetachment(owner, month);
  if (plan === null) throw new Error('There is nothing to detach.');
  const who = { actor: { kind: 'system' as const, id: null, name: 'test' }, by: 'anna' };
  const detach = () => detachEvents(owner, plan, { file: `${scratchFolder()}/archive.jsonl`, ...who });
  await expect(detach()).rejects.toMatchObject({ code: 'not_streamed' });
  await send(over(siem.port));
  await detach();
  const late = await started();
  await send(over(late.port, { name: 'late' }));
  expect(seqsOf(late.messages())).toEqual([4]);
});
