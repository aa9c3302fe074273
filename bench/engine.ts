import pg from 'pg';
import { answerQuestions } from '#bench/child.ts';
import { atMost, keepBusy, type Load } from '#bench/load.ts';
import { mark } from '#bench/marks.ts';
import { system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';

/* Stands for the web process: it imports credentials, clicks, and sees when their rotations have ended. */

const actor = system('bench');
const peers = process.env.BENCH_PEERS_URL ?? '';
const signingSecret = `whsec_${process.env.BENCH_SIGNING_KEY}`;
/** A rotation that is not through after this long stands still. */
const PATIENCE_MS = 60_000;

async function addPlaces(): Promise<{ issuerId: string; targetIds: string[] }> {
  const config = { baseUrl: peers, adminToken: 'bench' };
  const issuer = await addIssuer(actor, { name: 'Bench issuer', kind: 'surfacescout', config });
  const targetIds: string[] = [];
  for (const n of [1, 2]) {
    const receiver = { url: `${peers}/receiver/${n}`, signingSecret };
    const target = await addTarget(actor, { name: `Bench target ${n}`, kind: 'webhook', config: receiver });
    targetIds.push(target.id);
  }
  return { issuerId: issuer.id, targetIds };
}

async function importOne(name: string, issuerId: string, targetIds: readonly string[]): Promise<string> {
  const { id } = await importCredential(actor, {
    name,
    issuerId,
    place: { clientId: name },
    environment: 'bench',
    fields: { clientId: name, clientSecret: `first-secret-of-${name}` },
    externalId: 'first',
  });
  for (const targetId of targetIds) {
    await bindTarget(actor, { credentialId: id, targetId, place: {}, fields: { clientSecret: name } });
  }
  return id;
}

const credentialIds: string[] = [];

/** Makes sure of this many credentials, each with two bindings, through the use cases that people use. */
async function importCredentials(count: number): Promise<void> {
  const { rows } = await db().pool.query<{ id: string }>('select id from credentials order by id');
  credentialIds.splice(0, Infinity, ...rows.map((row) => row.id));
  if (credentialIds.length >= count) {
    return;
  }
  const found = await db().pool.query<{ issuer: string | null; targets: string[] | null }>(
    'select (select id from issuers limit 1) as issuer, (select array_agg(id) from targets) as targets',
  );
  const { issuer = null, targets = null } = found.rows[0] ?? {};
  const places =
    issuer === null || targets === null ? await addPlaces() : { issuerId: issuer, targetIds: targets };
  const names = Array.from({ length: count - credentialIds.length }, (_, n) => `bench-${rows.length + n}`);
  const lane = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      credentialIds.push(await importOne(name, places.issuerId, places.targetIds));
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

/** Who waits for what becomes of a credential: `current`, and then the rotation's outcome or hold. */
const waiting = new Map<string, (what: string) => void>();

async function listen(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: env().DATABASE_URL });
  client.on('notification', ({ payload = '' }) => {
    const [credentialId = '', ...what] = payload.split(' ');
    waiting.get(credentialId)?.(what.join(' '));
  });
  await client.connect();
  await client.query('listen bench');
  return client;
}

interface Times {
  toCurrent: number;
  toEnd: number;
}

function whatBecomesOf(credentialId: string): Promise<Times> {
  mark('click');
  const clicked = performance.now();
  let toCurrent = Number.NaN;
  return new Promise((resolve, reject) => {
    const end = (error?: Error) => {
      clearTimeout(timer);
      waiting.delete(credentialId);
      if (error === undefined) {
        resolve({ toCurrent, toEnd: performance.now() - clicked });
      } else {
        reject(error);
      }
    };
    const timer = setTimeout(() => end(new Error('A rotation did not end within a minute.')), PATIENCE_MS);
    waiting.set(credentialId, (what) => {
      mark(what);
      if (what === 'current') {
        toCurrent = performance.now() - clicked;
      } else {
        end(what === 'completed' ? undefined : new Error(`A rotation ended as: ${what}`));
      }
    });
  });
}

// However many rotations are under way: a web process with more clicks than connections only lets them queue.
const click = atMost(16);

async function rotate(credentialId: string): Promise<Times> {
  const ended = whatBecomesOf(credentialId);
  ended.catch(() => {});
  await click(() => requestRotation(actor, { credentialId, graceSeconds: 0 }));
  mark('the click is answered');
  return ended;
}

const handlers = {
  importCredentials,
  /** Each lane clicks for the next of its own credentials as soon as the one before is through. */
  run: async ({ seconds, concurrency }: Load) => {
    const times: Times[] = [];
    const turns = new Map<number, number>();
    const perLane = Math.floor(credentialIds.length / concurrency);
    const done = await keepBusy({ seconds, concurrency }, async (lane) => {
      const turn = turns.get(lane) ?? 0;
      turns.set(lane, turn + 1);
      const credentialId = credentialIds[lane + concurrency * (turn % perLane)];
      times.push(await rotate(credentialId ?? ''));
    });
    return { ...done, times };
  },
};

export type EngineHandlers = typeof handlers;

const listener = await listen();
answerQuestions(handlers);
tieToStarter(async () => {
  await listener.end();
  await db().close();
});
sayReady();
