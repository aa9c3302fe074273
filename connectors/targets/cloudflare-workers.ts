import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Entries,
  type Slot,
  secretText,
  type TargetConnector,
} from '#connectors/contract.ts';
import { parseJson } from '#connectors/exchange.ts';
import { askJson, type JsonApi, segment } from '#connectors/json-api.ts';
import { requireNames } from '#connectors/key-names.ts';
import { keysIn } from '#connectors/next-keys.ts';
import type { HttpResponse } from '#lib/http.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.cloudflare.com')
    .meta({ title: 'Address of the API', description: 'Without /client/v4.', rare: true }),
  token: secretText().meta({
    title: 'API token',
    description: 'An account or user token with the permission Workers Scripts Write.',
  }),
  accountId: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'must be the 32 hexadecimal digits of an account ID')
    .meta({ title: 'Account ID' }),
});

const place = z.object({
  script: z
    .string()
    .regex(/^[a-z0-9_][a-z0-9_-]{0,62}$/, 'must be the name of a Worker')
    .meta({ title: 'Worker', description: 'Its name; for an environment of Wrangler NAME-ENVIRONMENT.' }),
});

type WorkersCall = Call<z.output<typeof config>, z.output<typeof place>>;

const cloudflareError = z.object({
  errors: z.array(z.object({ code: z.int(), message: z.string().optional() })).min(1),
});
const secrets = z.object({
  success: z.literal(true),
  result: z.array(z.object({ name: z.string(), type: z.string() })),
});
const done = z.object({ success: z.literal(true) });

/** Creations, updates and removals of one request. */
const MOST_OPERATIONS = 100;

/**
 * Secrets of one Worker. All entries go in one merge patch, which leaves unlisted secrets as they are and deploys one
 * version at once (`redeploy` automatic): https://developers.cloudflare.com/changelog/post/2026-06-03-bulk-secrets-api/,
 * https://developers.cloudflare.com/workers/configuration/secrets/. A value is never given back (`readBack` none).
 * 1,200 requests in five minutes: https://developers.cloudflare.com/fundamentals/api/reference/limits/.
 * `check` lists the names: a token that may read and not write is noticed at the first delivery.
 */
export const cloudflareWorkers: TargetConnector<typeof config, typeof place> = {
  kind: 'cloudflare-workers',
  title: 'Cloudflare Workers secrets',
  aliases: ['wrangler'],
  docs: 'https://developers.cloudflare.com/workers/configuration/secrets/',
  needs: 'An API token with the permission Workers Scripts Write at the account.',
  proven: {
    against: 'documented fake',
    what: 'Cloudflare API v4 with the bulk secrets endpoint of 2026-06-03',
    on: '2026-11-25',
  },
  config,
  place,
  limits: { concurrency: 4, perMinute: 200 },
  can: () => ({
    readBack: 'none',
    redeploy: 'automatic',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 5,
  }),
  check: async (call) => void (await names(call)),
  deliver,
  confirm: async () => 'unknown',
  remove,
};

async function deliver(call: WorkersCall, entries: Entries, slot: Slot): Promise<void> {
  const keyOf = keysIn(slot, Object.keys(entries));
  const keys = Object.keys(entries).map(keyOf);
  requireNames('Cloudflare', keys, /^[A-Za-z_]\w*$/, 'letters, digits and _, no digit first');
  const patch = Object.entries(entries).map(([key, value]) => {
    const name = keyOf(key);
    return [name, { name, type: 'secret_text', text: value.expose() }] as const;
  });
  await change(call, patch, `Writing ${keys.join(', ')} to the Worker ${call.place.script}`);
}

/** Only what is there is taken away, because every request deploys a version. */
async function remove(call: WorkersCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const there = await names(call);
  const gone = keys.map(keysIn(slot, keys)).filter((key) => there.has(key));
  const patch = gone.map((key) => [key, null] as const);
  await change(call, patch, `Removing ${gone.join(', ')} from the Worker ${call.place.script}`);
}

async function change(
  call: WorkersCall,
  patch: readonly (readonly [string, object | null])[],
  what: string,
): Promise<void> {
  if (patch.length === 0) return;
  if (patch.length > MOST_OPERATIONS) {
    const sentence = `Cloudflare takes ${MOST_OPERATIONS} secrets at once and this binding has ${patch.length}. Nothing was changed; make several bindings of it.`;
    throw new ConnectorError(sentence, 'never');
  }
  await askJson(call, apiOf(call), {
    method: 'PATCH',
    path: scriptPath(call, 'secrets-bulk'),
    body: { secrets: Object.fromEntries(patch) },
    contentType: 'application/merge-patch+json',
    ok: [200],
    what,
    missing: missing(call),
    schema: done,
  });
}

async function names(call: WorkersCall): Promise<ReadonlySet<string>> {
  const { result } = await askJson(call, apiOf(call), {
    method: 'GET',
    path: scriptPath(call, 'secrets'),
    ok: [200],
    what: `Listing the secrets of the Worker ${call.place.script}`,
    missing: missing(call),
    schema: secrets,
  });
  return new Set(result.map(({ name }) => name));
}

function apiOf({ config }: WorkersCall): JsonApi {
  return {
    baseUrl: config.baseUrl,
    headers: { authorization: `Bearer ${config.token.expose()}` },
    permission: 'the permission Workers Scripts Write at this account',
    ownError,
  };
}

/** Cloudflare tells its refusals apart by a number, and answers 400 also for a token it cannot read. */
function ownError(response: HttpResponse, what: string): ConnectorError | undefined {
  if (response.status !== 400) return undefined;
  const body = cloudflareError.safeParse(parseJson(response.text));
  const code = body.success ? body.data.errors[0]?.code : undefined;
  if (code === 6003 || code === 6111) {
    const sentence = `${what} failed: Cloudflare cannot read the stored token (400, ${code}). Enter the whole API token, without the word Bearer.`;
    return new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  if (code === 10215) {
    const sentence = `${what} failed: the newest version of the Worker is not the one that is deployed (400, 10215), and a secret can only be changed together with the newest. Nothing was changed; deploy that version first.`;
    return new ConnectorError(sentence, 'never', { because: 'conflict' });
  }
  if (code === 10053) {
    const sentence = `${what} failed: a binding of another type has that name already (400, 10053). Nothing was changed; remove the plain variable from the Worker, or bind to another name.`;
    return new ConnectorError(sentence, 'never', { because: 'conflict' });
  }
  const sentence = `${what} failed: Cloudflare refuses it (400, ${code ?? 'no code'}). A secret may have 5 KB at most; check names and values.`;
  return new ConnectorError(sentence, 'never');
}

function missing({ config, place }: WorkersCall): string {
  return `Cloudflare knows no Worker ${place.script} in the account ${config.accountId} (404). Check both names.`;
}

function scriptPath({ config, place }: WorkersCall, list: string): string {
  return `/client/v4/accounts/${config.accountId}/workers/scripts/${segment(place.script)}/${list}`;
}
