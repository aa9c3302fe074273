import pg from 'pg';
import { answerQuestions } from '#bench/child.ts';
import { median } from '#bench/runner.ts';
import { system } from '#core/access/actor.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';

/* The list of credentials, through the read that the console uses: fifty to a page, with what each row shows. */

const actor = system('bench');
const peers = process.env.BENCH_PEERS_URL ?? '';

const idOf = (n: string) => `('00000000-0000-4000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;

const CREDENTIALS = `
  insert into credentials (id, name, issuer_id, place, environment, owner, labels)
  select ${idOf('n')}, 'service-' || n, $1, jsonb_build_object('clientId', 'service-' || n),
         (array['production', 'staging'])[1 + n % 2], 'team-' || n % 40, array['tier-' || n % 4]
    from generate_series(0, $2::int - 1) n`;

const VERSIONS = `
  insert into secret_versions (id, credential_id, n, state, sealed, fingerprint, created_at, promoted_at)
  select gen_random_uuid(), ${idOf('n')}, 1, 'current', '', lpad(to_hex(n), 12, '0'), at, at
    from generate_series(0, $1::int - 1) n
   cross join lateral (select rekey_now() - n * interval '7 minutes' as at) then_`;

const BINDINGS = `
  insert into bindings (id, credential_id, target_id, place, fields, needs)
  select ${idOf('n')}, ${idOf('n')}, $1, '{}', '{"clientSecret": "SECRET"}', 'accepted'
    from generate_series(0, $2::int - 1) n`;

async function fill(count: number): Promise<void> {
  const config = { baseUrl: peers, adminToken: 'bench' };
  const issuer = await addIssuer(actor, { name: 'Bench issuer', kind: 'surfacescout', config });
  const receiver = { url: `${peers}/receiver/1`, signingSecret: `whsec_${process.env.BENCH_SIGNING_KEY}` };
  const target = await addTarget(actor, { name: 'Bench target', kind: 'webhook', config: receiver });
  const client = new pg.Client({ connectionString: process.env.BENCH_OWNER_URL });
  await client.connect();
  await client.query(CREDENTIALS, [issuer.id, count]);
  await client.query(VERSIONS, [count]);
  await client.query(BINDINGS, [target.id, count]);
  await client.query('vacuum analyze credentials, secret_versions, bindings');
  await client.end();
}

/** Where the last page begins. */
const lastPage = (count: number) => {
  const n = count - 40;
  const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  return Buffer.from(JSON.stringify([`service-${n}`, id])).toString('base64url');
};

const questions: Readonly<Record<string, (count: number) => Record<string, string>>> = {
  'first page': () => ({}),
  'a page near the end': (count) => ({ after: lastPage(count) }),
  'part of a name': () => ({ q: 'ervice-9' }),
  'one owner': () => ({ owner: 'team-7' }),
  'by age': () => ({ sort: 'age' }),
  'one state': () => ({ state: 'unscheduled' }),
};

interface Asking {
  question: string;
  count: number;
  times: number;
}

/** Milliseconds of each time that a page was asked for. */
async function run({ question, count, times }: Asking): Promise<{ p50: number; p99: number }> {
  const wish = questions[question]?.(count) ?? {};
  const took: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const begun = performance.now();
    const { items } = await searchCredentials(actor, wish);
    took.push(performance.now() - begun);
    // A page that finds nothing is quick and proves nothing.
    if (items.length === 0) throw new Error(`"${question}" found nothing.`);
  }
  took.sort((a, b) => a - b);
  return { p50: median(took), p99: took[Math.ceil(took.length * 0.99) - 1] ?? Number.NaN };
}

const handlers = { fill, run, questions: (_: undefined) => Object.keys(questions) };

export type CredentialListHandlers = typeof handlers;

answerQuestions(handlers);
tieToStarter(() => db().close());
sayReady();
