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
import { askJson, askStatus, type JsonApi, segment } from '#connectors/json-api.ts';
import { requireNames } from '#connectors/key-names.ts';
import { keysIn } from '#connectors/next-keys.ts';
import type { HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.heroku.com')
    .meta({ title: 'Address of the API', rare: true }),
  token: secretText().meta({
    title: 'API token',
    description: 'Made with: heroku authorizations:create --scope read-protected,write-protected',
  }),
});

const place = z.object({
  app: z
    .string()
    .regex(/^[a-z0-9-]{2,64}$/, 'must be the name or the ID of an app')
    .meta({ title: 'App', description: 'Its name or its ID.' }),
});

type HerokuCall = Call<z.output<typeof config>, z.output<typeof place>>;

const configVars = z.record(
  z.string(),
  z.string().transform((value) => new Plaintext(value)),
);
const herokuError = z.object({ id: z.string() });

/**
 * Config vars of a Heroku app. Only the given ones are sent, the others stay; null takes one away; every change makes a
 * release and restarts the app by itself (`redeploy` automatic), so nothing is sent where it is there already. They can be
 * read back: https://devcenter.heroku.com/articles/platform-api-reference#config-vars,
 * https://devcenter.heroku.com/articles/config-vars. 75 requests a minute:
 * https://devcenter.heroku.com/articles/platform-api-reference#rate-limits.
 * `check` reads the config vars: a token that may read and not write is noticed at the first delivery.
 */
export const heroku: TargetConnector<typeof config, typeof place> = {
  kind: 'heroku',
  title: 'Heroku config vars',
  aliases: ['environment variables', 'env vars'],
  docs: 'https://devcenter.heroku.com/articles/platform-api-reference#config-vars',
  needs: 'A token with the scopes read-protected and write-protected, of a member who may deploy the app.',
  proven: { against: 'documented fake', what: 'Heroku Platform API v3', on: '2026-11-25' },
  config,
  place,
  limits: { concurrency: 4, perMinute: 35 },
  can: () => ({
    readBack: 'value',
    redeploy: 'automatic',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 15,
  }),
  check: async (call) => void (await read(call)),
  deliver,
  confirm,
  remove,
};

async function deliver(call: HerokuCall, entries: Entries, slot: Slot): Promise<void> {
  const keyOf = keysIn(slot, Object.keys(entries));
  const names = Object.keys(entries).map(keyOf);
  requireNames('Heroku', names, /^[A-Za-z_]\w*$/, 'letters, digits and _, no digit first');
  const there = await read(call);
  const changed = Object.entries(entries).filter(([key, value]) => !holds(there, keyOf(key), value));
  const body = Object.fromEntries(changed.map(([key, value]) => [keyOf(key), value.expose()]));
  await change(call, body, `Writing ${Object.keys(body).join(', ')} to ${call.place.app}`);
}

async function confirm(call: HerokuCall, entries: Entries, slot: Slot): Promise<'live' | 'pending'> {
  const keyOf = keysIn(slot, Object.keys(entries));
  const there = await read(call);
  const live = Object.entries(entries).every(([key, value]) => holds(there, keyOf(key), value));
  return live ? 'live' : 'pending';
}

async function remove(call: HerokuCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const there = await read(call);
  const gone = keys.map(keysIn(slot, keys)).filter((key) => Object.hasOwn(there, key));
  const body = Object.fromEntries(gone.map((key) => [key, null]));
  await change(call, body, `Removing ${gone.join(', ')} from ${call.place.app}`);
}

/** Heroku merges what it is sent. An empty change is not sent, because it could still restart the app. */
async function change(
  call: HerokuCall,
  body: Readonly<Record<string, string | null>>,
  what: string,
): Promise<void> {
  if (Object.keys(body).length === 0) return;
  await askStatus(call, apiOf(call), {
    method: 'PATCH',
    path: varsPath(call),
    body,
    ok: [200],
    what,
    missing: missing(call),
  });
}

function read(call: HerokuCall): Promise<Readonly<Record<string, Plaintext>>> {
  return askJson(call, apiOf(call), {
    method: 'GET',
    path: varsPath(call),
    ok: [200],
    what: `Reading the config vars of ${call.place.app}`,
    missing: missing(call),
    schema: configVars,
  });
}

function holds(there: Readonly<Record<string, Plaintext>>, key: string, value: Plaintext): boolean {
  return Object.hasOwn(there, key) && there[key]?.equals(value) === true;
}

function apiOf({ config }: HerokuCall): JsonApi {
  return {
    baseUrl: config.baseUrl,
    headers: {
      accept: 'application/vnd.heroku+json; version=3',
      authorization: `Bearer ${config.token.expose()}`,
    },
    permission:
      'the scopes read-protected and write-protected, and a member who may deploy the app and manage its config vars',
    ownError,
  };
}

/** Config vars that an add-on has attached belong to the add-on, and Heroku refuses to overwrite them. */
function ownError(response: HttpResponse, what: string): ConnectorError | undefined {
  const body = herokuError.safeParse(parseJson(response.text));
  const id = body.success && /^\w{1,60}$/.test(body.data.id) ? body.data.id : 'no id';
  if (response.status === 422) {
    const sentence = `${what} failed: Heroku refuses it (422, ${id}). Nothing was changed. A config var that an add-on has attached cannot be overwritten, and all of them together may have 64 KB: detach the add-on or bind to another name.`;
    return new ConnectorError(sentence, 'never');
  }
  if (response.status !== 402) return undefined;
  const sentence = `${what} failed: Heroku wants the account to be put in order first (402, ${id}). See its billing page.`;
  return new ConnectorError(sentence, 'never');
}

function missing({ place }: HerokuCall): string {
  return `Heroku knows no app ${place.app} (404). Check its name.`;
}

function varsPath({ place }: HerokuCall): string {
  return `/apps/${segment(place.app)}/config-vars`;
}
