import { createHash, createHmac, randomUUID } from 'node:crypto';
import pg from 'pg';
import { Pool } from 'undici';
import { answerQuestions } from '#bench/child.ts';
import { keepBusy, type Load } from '#bench/load.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';

/*
 * The floor: what any program must do to rotate a secret, and nothing else. Issue, verify, deliver ×2, read back ×2,
 * revoke, prove ×2, over a bare undici pool; and five commits, each one statement that moves the state and adds an
 * audit leaf. No queue, no lease, no plan, no sealing, no parsing beyond what the next call needs. It is fixed: a
 * change here changes every bound.
 */

const peers = process.env.BENCH_PEERS_URL ?? '';
const signingKey = Buffer.from(process.env.BENCH_SIGNING_KEY ?? '', 'base64');
const database = new pg.Pool({ connectionString: process.env.BENCH_FLOOR_URL, max: 16 });
const outside = new Pool(peers, { connections: 64 });

interface Secret {
  id: string;
  secret: string;
}

type Reply = { status: number; text: string };

async function call(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  headers = {},
  body = '',
): Promise<Reply> {
  const answer = await outside.request({ method, path, headers, ...(body === '' ? {} : { body }) });
  return { status: answer.statusCode, text: await answer.body.text() };
}

function expectStatus(reply: Reply, status: number, what: string): void {
  if (reply.status !== status) {
    throw new Error(`The floor's ${what} was answered ${reply.status}: ${reply.text}`);
  }
}

const admin = { authorization: 'Bearer bench', 'content-type': 'application/json' };

async function issue(client: string, rotationId: string): Promise<Secret> {
  const reply = await call(
    'POST',
    `/admin/clients/${client}/secrets`,
    admin,
    JSON.stringify({ tag: rotationId }),
  );
  expectStatus(reply, 201, 'issue');
  return JSON.parse(reply.text) as Secret;
}

async function revoke(client: string, id: string): Promise<void> {
  expectStatus(await call('DELETE', `/admin/clients/${client}/secrets/${id}`, admin), 204, 'revoke');
}

/** Signs in as the client would, and wants this answer. */
async function trySecret(client: string, secret: string, wanted: 200 | 401): Promise<void> {
  const headers = {
    authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  expectStatus(
    await call('POST', '/oauth/token', headers, 'grant_type=client_credentials'),
    wanted,
    'sign-in',
  );
}

async function sendSigned(receiver: number, type: string, versionId: string, data: object): Promise<string> {
  const id = randomUUID();
  const now = new Date();
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const body = JSON.stringify({ type, timestamp: now.toISOString(), data: { versionId, ...data } });
  const signature = createHmac('sha256', signingKey).update(`${id}.${timestamp}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
  const reply = await call('POST', `/receiver/${receiver}`, headers, body);
  expectStatus(reply, 200, type);
  return (JSON.parse(reply.text) as { proof: string }).proof;
}

const deliver = (receiver: number, client: string, { id, secret }: Secret) =>
  sendSigned(receiver, 'secret.delivered', id, { entries: { [client]: secret } });

async function readBack(receiver: number, client: string, { id, secret }: Secret): Promise<void> {
  const proof = await sendSigned(receiver, 'secret.confirm', id, { keys: [client] });
  if (proof !== createHmac('sha256', signingKey).update(`${id}.${secret}`).digest('base64')) {
    throw new Error('The floor read back something else than it delivered.');
  }
}

const COMMIT = {
  name: 'commit',
  text: `with moved as (
           update floor_rotations set state = $2, secret = coalesce($3, secret) where id = $1 returning id)
         insert into floor_leaves (rotation_id, body, leaf) select id, $4, $5 from moved`,
};

async function commit(rotationId: string, client: string, state: string, secret?: string): Promise<void> {
  const body = JSON.stringify({ action: `rotation.${state}`, rotationId, client, at: new Date() });
  const leaf = createHash('sha256').update('\0').update(body).digest();
  await database.query({ ...COMMIT, values: [rotationId, state, secret ?? null, body, leaf] });
}

/** Both at once, or one after the other where a serial loop is measured. */
const twice = async (serial: boolean, one: (n: number) => Promise<unknown>) => {
  if (!serial) {
    await Promise.all([one(1), one(2)]);
    return;
  }
  await one(1);
  await one(2);
};

/** What each client holds; every lane rotates a client of its own. */
const current = new Map<string, Secret>();

interface Times {
  toCurrent: number;
  toEnd: number;
}

async function rotate(client: string, rotationId: string, serial: boolean): Promise<Times> {
  const begun = performance.now();
  const old = current.get(client) ?? { id: 'first', secret: `first-secret-of-${client}` };
  const fresh = await issue(client, rotationId);
  await commit(rotationId, client, 'issued', fresh.secret);
  await trySecret(client, fresh.secret, 200);
  await twice(serial, (receiver) => deliver(receiver, client, fresh));
  await commit(rotationId, client, 'delivered');
  await twice(serial, (receiver) => readBack(receiver, client, fresh));
  await commit(rotationId, client, 'current');
  const toCurrent = performance.now() - begun;
  await revoke(client, old.id);
  await commit(rotationId, client, 'revoked');
  await twice(serial, (n) => trySecret(client, n === 1 ? old.secret : fresh.secret, n === 1 ? 401 : 200));
  await commit(rotationId, client, 'completed');
  current.set(client, fresh);
  return { toCurrent, toEnd: performance.now() - begun };
}

/** Rows for the rotations to come are made before the clock starts: the floor's commits are the five. */
const prepared: string[] = [];

async function prepare(count: number): Promise<void> {
  const { rows } = await database.query<{ id: string }>(
    `insert into floor_rotations (id, state) select gen_random_uuid(), 'requested'
       from generate_series(1, $1) returning id`,
    [Math.max(0, count - prepared.length)],
  );
  prepared.push(...rows.map((row) => row.id));
}

const handlers = {
  run: async ({ seconds, concurrency, serial }: Load & { serial: boolean }) => {
    await prepare(Math.ceil(seconds * 3000) + concurrency);
    const times: Times[] = [];
    const done = await keepBusy({ seconds, concurrency }, async (lane) => {
      const rotationId = prepared.pop();
      if (rotationId === undefined) {
        throw new Error('The floor ran out of rotations to do.');
      }
      times.push(await rotate(`floor-${process.pid}-${lane}`, rotationId, serial));
    });
    return { ...done, times };
  },
};

export type FloorHandlers = typeof handlers;

await database.query(`
  create table if not exists floor_rotations (id uuid primary key, state text not null, secret text);
  create table if not exists floor_leaves (
    id bigserial primary key, rotation_id uuid not null, body text not null, leaf bytea not null)`);
answerQuestions(handlers);
tieToStarter(async () => {
  await outside.close();
  await database.end();
});
sayReady();
