import { spawn } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Checkpoint, checkpointHash, checkpointSchema } from '#core/audit/checkpoint.ts';
import { keepSealed } from '#core/evidence/keep-sealed.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { teller } from '#core/evidence/tell-witness.ts';
import { compareWithWitness } from '#core/evidence/verify-witness.ts';
import type { Seen, Witness } from '#core/evidence/witness.ts';
import { fileWitness } from '#core/evidence/witness-file.ts';
import { storeWitness } from '#core/evidence/witness-store.ts';
import { webhookWitness } from '#core/evidence/witness-webhook.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { add, rowsOf, tamper } from '#tests/core/evidence/trail.ts';
import { type Asked, fakeApi } from '#tests/support/fake-api.ts';
import { scratchFolder } from '#tests/support/folder.ts';
import { loopback } from '#tests/support/loopback.ts';

let checkpoint: Checkpoint;

async function sealOne(): Promise<Checkpoint> {
  await add();
  const sealed = await sealEvents();
  if (sealed === null) throw new Error('Nothing was sealed.');
  return sealed;
}

beforeEach(async () => {
  checkpoint = await sealOne();
});

async function allOf(witness: Witness): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const one of witness.seen?.() ?? []) seen.push(one);
  return seen;
}

const asSeen = (one: Checkpoint): Seen => ({ n: one.n, hash: checkpointHash(one) });
const compare = async (witness: Witness) => (await compareWithWitness(db().pool, witness)).report.says;

function fail(): never {
  throw new Error('Nothing was sent.');
}

/** An object store that keeps what is put, and lists it two objects at a time. */
async function store(folder = '/rekey/log') {
  const objects = new Map<string, string>();
  const requests: Asked[] = [];
  const api = await fakeApi((asked) => {
    requests.push(asked);
    const { method, path: where, query, body } = asked;
    if (
      !/^AWS4-HMAC-SHA256 Credential=AK\/\d{8}\/eu-central-1\/s3\/aws4_request/.test(
        asked.headers.authorization ?? '',
      )
    )
      return [403, '<Error><Code>AccessDenied</Code></Error>'];
    if (method === 'PUT') {
      objects.set(where.replace('/bucket/', ''), body);
      return [200];
    }
    const after = query.get('start-after') ?? '';
    const names = [...objects.keys()]
      .filter((name) => name.startsWith(query.get('prefix') ?? '') && name > after)
      .sort();
    const keys = names.slice(0, 2).map((name) => `<Contents><Key>${name}</Key></Contents>`);
    return [
      200,
      `<ListBucketResult><IsTruncated>${names.length > 2}</IsTruncated>${keys.join('')}</ListBucketResult>`,
    ];
  });
  onTestFinished(() => api.close());
  const url = new URL(`${api.url}/bucket${folder}?region=eu-central-1`);
  return { api, objects, requests, witness: storeWitness(url, new Plaintext('AK:canary-secret')) };
}

test('a local witness keeps each checkpoint as a line that is its own proof, readable by its owner only', async () => {
  const file = path.join(scratchFolder(), 'made', 'witness.jsonl');
  const witness = fileWitness(file);
  expect(await compare(witness)).toBe('empty');
  await witness.tell(checkpoint);
  const second = await sealOne();
  await witness.tell(second);
  expect(await allOf(witness)).toEqual([checkpoint, second].map(asSeen));
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(checkpointSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8').split('\n')[0] ?? ''))).toEqual(
    checkpoint,
  );
  expect(await compare(witness)).toBe('agrees');
});

test('a line that a crash has cut is left where it is, and the next checkpoint begins a line of its own', async () => {
  const file = path.join(scratchFolder(), 'witness.jsonl');
  fs.writeFileSync(file, JSON.stringify(checkpoint).slice(0, 40));
  await fileWitness(file).tell(checkpoint);
  expect(await allOf(fileWitness(file))).toEqual([asSeen(checkpoint)]);
});

test('a line that was altered is another checkpoint, and no longer agrees', async () => {
  const file = path.join(scratchFolder(), 'witness.jsonl');
  await fileWitness(file).tell({ ...checkpoint, root: '0'.repeat(64) });
  expect(await compare(fileWitness(file))).toBe('differs');
});

test('an object store is given one object for each checkpoint, and lists them in pages', async () => {
  const { witness, objects } = await store();
  const told = [checkpoint];
  for (let n = 0; n < 4; n += 1) told.push(await sealOne());
  for (const one of told) await witness.tell(one);
  await witness.tell(checkpoint);
  expect(objects.size).toBe(5);
  const [name = '', body = ''] = [...objects][0] ?? [];
  expect(name).toBe(`rekey/log/${String(checkpoint.n).padStart(12, '0')}-${checkpointHash(checkpoint)}.json`);
  expect(JSON.parse(body)).toEqual(checkpoint);
  expect(await allOf(witness)).toEqual(told.map(asSeen));
  expect(await compare(witness)).toBe('agrees');
});

test('of a bucket that others use too only the checkpoints of this folder are compared, however many objects stand before them', async () => {
  const { witness, objects } = await store('');
  for (const name of ['000-a&amp;b', '000-b', '000-c']) objects.set(name, 'of somebody else');
  objects.set(`another-rekey/000000000001-${'0'.repeat(64)}.json`, '{}');
  const second = await sealOne();
  for (const one of [checkpoint, second]) await witness.tell(one);
  expect(await allOf(witness)).toEqual([checkpoint, second].map(asSeen));
  expect(await compare(witness)).toBe('agrees');
});

test('an object store whose list is late or does not go on is compared as far as it goes, and never for ever', async () => {
  const { witness, objects, api } = await store();
  await witness.tell(checkpoint);
  const late = new Map(objects);
  await witness.tell(await sealOne());
  objects.clear();
  for (const [name, body] of late) objects.set(name, body);
  expect((await compareWithWitness(db().pool, witness)).report).toMatchObject({
    ...{ says: 'agrees', through: checkpoint.n },
  });
  const [name] = [...objects.keys()];
  const again = `<Contents><Key>${name}</Key></Contents><IsTruncated>true</IsTruncated>`;
  api.trouble = () => [200, again];
  expect(await compare(witness)).toBe('no_answer');
});

test('an object store that refuses is reported with its code, and its key stands nowhere', async () => {
  const { witness, api, requests } = await store();
  api.trouble = () => [403, '<Error><Code>AccessDenied</Code></Error>'];
  const refusal = await witness.tell(checkpoint).then(String, String);
  expect(refusal).toContain('403 (AccessDenied)');
  expect(await compare(witness)).toBe('no_answer');
  api.trouble = () => undefined;
  await witness.tell(checkpoint);
  expect(JSON.stringify([refusal, requests])).not.toContain('canary-secret');
});

test('a webhook is sent the checkpoint, signed with the audit key as Standard Webhooks has it', async () => {
  const requests: Asked[] = [];
  const api = await fakeApi((asked) => {
    requests.push(asked);
    return [204];
  });
  onTestFinished(() => api.close());
  const witness = webhookWitness(new URL(`${api.url}/hook`));
  await witness.tell(checkpoint);
  const { headers, body } = requests[0] ?? fail();
  const { type, data } = JSON.parse(body) as { type: string; data: Checkpoint & { publicKey: string } };
  expect(type).toBe('audit.checkpoint');
  expect(checkpointSchema.parse(data)).toEqual(checkpoint);
  const raw = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(data.publicKey, 'hex'),
  ]);
  const key = createPublicKey({ key: raw, format: 'der', type: 'spki' });
  const signature = String(headers['webhook-signature']).replace('v1a,', '');
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  expect(verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))).toBe(true);
  expect(verify(null, Buffer.from(`${text} `), key, Buffer.from(signature, 'base64'))).toBe(false);
  expect(await compare(witness)).toBe('not_asked');
  api.trouble = () => [500];
  await expect(witness.tell(checkpoint)).rejects.toThrow('It answered 500.');
});

test('a witness at an address that the guard refuses is not connected to', async () => {
  const witness = webhookWitness(new URL('http://169.254.169.254/latest'));
  await expect(witness.tell(checkpoint)).rejects.toThrow(/link-local/);
});

test('every witness that can be asked finds a log whose end was cut off', async () => {
  const file = fileWitness(path.join(scratchFolder(), 'witness.jsonl'));
  const { witness: objects } = await store();
  const last = await sealOne();
  for (const witness of [file, objects]) await witness.tell(last);
  await tamper(
    `delete from audit_events where id in (select event_id from audit_leaves where seq >= ${last.firstSeq})`,
    `delete from audit_leaves where seq >= ${last.firstSeq}`,
    `delete from audit_batches where n >= ${last.n}`,
  );
  for (const witness of [file, objects]) {
    const { report, firstBad } = await compareWithWitness(db().pool, witness);
    expect(report.says).toBe('differs');
    expect(firstBad).toMatchObject({ batch: last.n, what: expect.stringContaining('was deleted') });
  }
  await tamper(...['audit_events', 'audit_leaves', 'audit_batches'].map((table) => `truncate ${table}`));
});

/** A witness whose answers the test gives, and a clock that the test moves. */
function slowWitness() {
  const asked: { n: number; answer: () => void; refuse: () => void }[] = [];
  const witness: Witness = {
    ...{ name: 'W', kind: 'remote', everyMs: 0 },
    tell: ({ n }) =>
      new Promise((answer, reject) => {
        asked.push({ n, answer, refuse: () => reject(new Error('no')) });
      }),
  };
  let time = 0;
  const tell = teller(witness, () => time);
  return {
    asked,
    tell: (n: number) => tell({ ...checkpoint, n }),
    pass: (ms: number) => {
      time += ms;
    },
  };
}

test('a witness that does not answer is asked once at a time, and then told the newest', async () => {
  const { asked, tell } = slowWitness();
  const first = tell(1);
  await tell(2);
  await tell(3);
  expect(asked.map(({ n }) => n)).toEqual([1]);
  asked[0]?.answer();
  await first;
  void tell(4);
  await tell(4);
  expect(asked.map(({ n }) => n)).toEqual([1, 4]);
});

test('a witness is told by a worker whose database was exchanged for an older one', async () => {
  const { asked, tell } = slowWitness();
  for (const n of [7, 3]) {
    const telling = tell(n);
    asked.at(-1)?.answer();
    await telling;
  }
  await tell(3);
  expect(asked.map(({ n }) => n)).toEqual([7, 3]);
});

test('a database at rest is sealed, and its witnesses are told once it was resumed', async () => {
  const file = fileWitness(path.join(process.env.REKEY_DATA_DIR ?? '', 'audit-witness.jsonl'));
  const newest = async () => (await rowsOf<{ n: string }>('select max(n) as n from audit_batches'))[0]?.n;
  const isTold = async () => (await allOf(file)).some(({ n }) => n === Number(checkpoint.n) + 1);
  await db().pool.query(`insert into standstill (id, by, reason) values (2, 'Rekey', 'restored')`);
  await add();
  await keepSealed();
  expect(await newest()).toBe(String(checkpoint.n + 1));
  for (let n = 0; n < 5; n += 1) await keepSealed();
  expect(await isTold()).toBe(false);
  await db().pool.query('delete from standstill where id = 2');
  await keepSealed();
  await expect.poll(isTold, { timeout: 20_000 }).toBe(true);
});

test('a witness that refuses is told again, with growing waits of a minute at most, until it takes it', async () => {
  const { asked, tell, pass } = slowWitness();
  const refuse = async () => {
    const telling = tell(7);
    asked.at(-1)?.refuse();
    await telling;
  };
  for (const wait of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
    const count = asked.length;
    await refuse();
    expect(asked).toHaveLength(count + 1);
    pass(wait - 1);
    await tell(7);
    expect(asked).toHaveLength(count + 1);
    pass(1);
  }
  const telling = tell(8);
  asked.at(-1)?.answer();
  await telling;
  await tell(8);
  expect(asked.at(-1)?.n).toBe(8);
  expect(asked).toHaveLength(9);
});

test('sealing goes on while a witness does not answer, and the local one is told meanwhile', async () => {
  let asked = 0;
  const server = await loopback(() => {
    asked += 1;
  });
  onTestFinished(() => server.close());
  const file = path.join(process.env.REKEY_DATA_DIR ?? '', 'audit-witness.jsonl');
  const code = `
    import { keepSealed } from '#core/evidence/keep-sealed.ts';
    for (;;) {
      await keepSealed();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    env: { ...process.env, REKEY_AUDIT_WEBHOOK: server.url },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const newest = async () => (await rowsOf<{ n: string }>('select max(n) as n from audit_batches'))[0]?.n;
  for (let n = 0; n < 3; n += 1) {
    const before = await newest();
    await add();
    await expect.poll(newest, { timeout: 40_000 }).not.toBe(before);
    await expect
      .poll(async () => (await allOf(fileWitness(file))).some((seen) => seen.n === Number(before) + 1), {
        timeout: 40_000,
      })
      .toBe(true);
  }
  await expect.poll(() => asked, { timeout: 40_000 }).toBe(1);
});
