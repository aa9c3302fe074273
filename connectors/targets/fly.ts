import { randomBytes } from 'node:crypto';
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
import type { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.machines.dev')
    .meta({ title: 'Address of the Machines API', description: 'Without /v1.', rare: true }),
  token: secretText().meta({ title: 'Token', description: 'Made with: fly tokens create deploy --app APP' }),
});

const place = z.object({
  app: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the name of an app')
    .meta({ title: 'App' }),
  redeploy: z.boolean().default(true).meta({
    title: 'Replace the Machines after a delivery',
    description:
      'Machines read secrets as they boot. They are replaced one after the other, as they are configured.',
    setting: true,
  }),
});

type FlyCall = Call<z.output<typeof config>, z.output<typeof place>>;

const secrets = z.object({ secrets: z.array(z.object({ name: z.string() })).nullish() });
const machines = z.array(
  z.object({
    id: z.string().min(1),
    instance_id: z.string().min(1),
    state: z.string(),
    config: z.record(z.string(), z.unknown()).nullish(),
    checks: z.array(z.object({ status: z.string().optional() })).nullish(),
  }),
);
const written = z.object({ version: z.int().nonnegative() });
/** The instance of every Machine that held the old secret when the redeployment began, and what the new ones must see. */
const instances = z.record(z.string(), z.string());
const begun = z.union([
  z.object({ machines: instances, secrets: z.int().nonnegative().optional() }),
  // As it was written before it said the version.
  instances.transform((machines) => ({ machines, secrets: undefined })),
]);

type Machine = z.output<typeof machines>[number];

/**
 * Secrets of a Fly.io app, written in one request; null takes one away, unlisted ones stay. Fly gives back a name and a
 * digest whose making is not documented, so nothing is compared (`readBack` none): https://docs.machines.dev/#tag/secrets,
 * https://fly.io/docs/apps/secrets/. The Machines API only stores them. A Machine gets them as it boots, so each running
 * one is replaced with its own configuration (`redeploy`), the next one once the last is up and its checks pass:
 * https://fly.io/docs/machines/api/machines-resource/#update-a-machine. Hosts learn of new secrets by and by: one boots a
 * Machine with the snapshot it has, unless `min_secrets_version` names the version it must have; it answers 412 until then
 * (https://github.com/superfly/fly-go/pull/160, https://github.com/superfly/flyctl/pull/4576). One action a second for each Machine:
 * https://fly.io/docs/machines/api/working-with-machines-api/#rate-limits.
 */
export const fly: TargetConnector<typeof config, typeof place> = {
  kind: 'fly',
  title: 'Fly.io secrets',
  aliases: ['flyctl', 'env vars'],
  docs: 'https://fly.io/docs/apps/secrets/',
  needs: 'A deploy token of the app.',
  proven: { against: 'documented fake', what: 'Fly Machines API v1', on: '2026-11-25' },
  config,
  place,
  limits: { concurrency: 2, perMinute: 60 },
  can: (_config, { redeploy }) => ({
    readBack: 'none',
    redeploy: redeploy ? 'call' : 'none',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 5,
  }),
  check: async (call) => void (await Promise.all([secretNames(call), list(call)])),
  deliver,
  confirm: async () => 'unknown',
  remove,
  redeploy,
  redeployState,
};

async function deliver(call: FlyCall, entries: Entries, slot: Slot): Promise<void> {
  const keyOf = keysIn(slot, Object.keys(entries));
  const names = Object.keys(entries).map(keyOf);
  requireNames('Fly', names, /^[A-Za-z_]\w*$/, 'letters, digits and _, no digit first');
  const values = Object.fromEntries(
    Object.entries(entries).map(([key, value]) => [keyOf(key), value.expose()]),
  );
  await change(call, values, `Writing ${names.join(', ')} to ${call.place.app}`);
}

async function remove(call: FlyCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const there = await secretNames(call);
  const gone = keys.map(keysIn(slot, keys)).filter((key) => there.has(key));
  if (gone.length === 0) return;
  const values = Object.fromEntries(gone.map((key) => [key, null]));
  await change(call, values, `Removing ${gone.join(', ')} from ${call.place.app}`);
}

/** Begins with the first Machine; the others follow as the state is asked for, so that never all are away at once. */
async function redeploy(call: FlyCall): Promise<string> {
  const old = (await list(call)).filter(holdsSecrets);
  const machines = Object.fromEntries(old.map(({ id, instance_id }) => [id, instance_id]));
  const [first] = old;
  if (first === undefined) return JSON.stringify({ machines });
  const secrets = await newestVersion(call);
  await replace(call, first, secrets);
  return JSON.stringify({ machines, secrets });
}

async function redeployState(call: FlyCall, ref: string): Promise<'running' | 'done' | 'failed'> {
  const before = begun.safeParse(parseJson(ref));
  if (!before.success) throw new ConnectorError('This is no redeployment of a Fly app.', 'never');
  const { machines: started, secrets } = before.data;
  const ours = (await list(call)).filter(({ id }) => Object.hasOwn(started, id));
  const old = ours.filter(({ id, instance_id }) => started[id] === instance_id);
  const replaced = ours.filter((machine) => !old.includes(machine));
  if (replaced.some(({ state }) => state === 'failed')) return 'failed';
  if (!replaced.every(isUp)) return 'running';
  const next = old.find(holdsSecrets);
  if (next === undefined) return 'done';
  await replace(call, next, secrets ?? (await newestVersion(call)));
  return 'running';
}

/** A suspended Machine goes on with the memory it had, and so with the old secret; a stopped one boots anew. */
function holdsSecrets({ state }: Machine): boolean {
  return !['stopped', 'created', 'destroyed', 'destroying', 'failed'].includes(state);
}

/** A Machine that stopped by itself after its start needs nothing more. Checks that did not report yet are waited for. */
function isUp({ state, checks }: Machine): boolean {
  if (['stopped', 'suspended', 'created', 'destroyed'].includes(state)) return true;
  return state === 'started' && (checks ?? []).every(({ status }) => status === 'passing');
}

/**
 * Boots a Machine anew with the configuration it has. Where it has changed meanwhile, that was a boot too; where its host does
 * not have the secrets yet (412), it is still an old one the next time and tried again.
 */
async function replace(call: FlyCall, machine: Machine, secrets: number): Promise<void> {
  const { id, instance_id, config, state } = machine;
  if (config === undefined || config === null) {
    const sentence = `Fly did not tell the configuration of the Machine ${id}, so it was not replaced. Run fly secrets deploy for ${call.place.app}.`;
    throw new ConnectorError(sentence, 'never');
  }
  await askStatus(call, apiOf(call), {
    method: 'POST',
    path: `${appPath(call)}/machines/${segment(id)}`,
    body: {
      config,
      current_version: instance_id,
      min_secrets_version: secrets,
      ...(state === 'suspended' && { skip_launch: true }),
    },
    ok: [200, 404, 409, 412],
    what: `Replacing the Machine ${id} of ${call.place.app}`,
  });
}

/** Only a write tells the version, so a secret that is not there is taken away, as `fly secrets sync` does. */
async function newestVersion(call: FlyCall): Promise<number> {
  const nothing = `REKEY_NO_SECRET_${randomBytes(8).toString('hex')}`;
  return change(call, { [nothing]: null }, `Asking for the version of the secrets of ${call.place.app}`);
}

/** Answers the version of the app's secrets that holds the change. */
async function change(
  call: FlyCall,
  values: Readonly<Record<string, string | null>>,
  what: string,
): Promise<number> {
  const { version } = await askJson(call, apiOf(call), {
    method: 'POST',
    path: `${appPath(call)}/secrets`,
    body: { values },
    ok: [200, 201],
    what,
    missing: missing(call),
    schema: written,
  });
  return version;
}

async function secretNames(call: FlyCall): Promise<ReadonlySet<string>> {
  const found = await askJson(call, apiOf(call), {
    method: 'GET',
    path: `${appPath(call)}/secrets`,
    ok: [200],
    what: `Listing the secrets of ${call.place.app}`,
    missing: missing(call),
    schema: secrets,
  });
  return new Set(found.secrets?.map(({ name }) => name));
}

function list(call: FlyCall): Promise<Machine[]> {
  return askJson(call, apiOf(call), {
    method: 'GET',
    path: `${appPath(call)}/machines`,
    ok: [200],
    what: `Listing the Machines of ${call.place.app}`,
    missing: missing(call),
    schema: machines,
  });
}

function apiOf({ config }: FlyCall): JsonApi {
  return {
    baseUrl: config.baseUrl,
    headers: { authorization: authorization(config.token) },
    permission: 'a deploy token of this app, or one of its organization',
  };
}

/** Fly's newer tokens name their own scheme, and are copied with and without it. */
function authorization(token: Plaintext): string {
  const text = token.expose().trim();
  if (text.startsWith('FlyV1 ')) return text;
  return /^fm[12]r?_/.test(text) ? `FlyV1 ${text}` : `Bearer ${text}`;
}

function missing({ place }: FlyCall): string {
  return `Fly knows no app ${place.app} or does not show it to the stored token (404). Check its name.`;
}

function appPath({ place }: FlyCall): string {
  return `/v1/apps/${segment(place.app)}`;
}
