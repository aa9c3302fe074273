import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Entries,
  type Slot,
  type TargetConnector,
} from '#connectors/contract.ts';
import { accept, exchange, parseJson, send } from '#connectors/exchange.ts';
import { keysIn } from '#connectors/next-keys.ts';
import { vaultConfig, vaultPath, vaultRequest } from '#connectors/targets/vault-sign-in.ts';
import type { HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const pathText = () =>
  z
    .string()
    .max(500)
    .regex(/^[^/\s?#]+(\/[^/\s?#]+)*$/, 'Write it without a slash at its ends, and without spaces.')
    .refine((text) => !text.split('/').some((part) => part === '.' || part === '..'), 'must not go upwards');

const place = z.object({
  mount: pathText()
    .default('secret')
    .meta({ title: 'Mount', description: 'Where the KV secrets engine (version 2) is mounted.' }),
  path: pathText().meta({ title: 'Path', description: 'Of the secret in that mount, without data/.' }),
});

type VaultCall = Call<z.output<typeof vaultConfig>, z.output<typeof place>>;

/** What lies at the path now. `data` is null where the newest version is deleted, destroyed or was never written. */
interface Held {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly version: number;
}

const secretAnswer = z.object({
  data: z.object({
    data: z.record(z.string(), z.unknown()).nullable(),
    metadata: z.object({ version: z.int().min(0) }),
  }),
});
const errorAnswer = z.object({ errors: z.array(z.string()) });
const mountAnswer = z.object({
  data: z.object({ type: z.string(), options: z.object({ version: z.string().optional() }).nullish() }),
});

const CAPABILITIES = ['create', 'read', 'update', 'patch'] as const;

/**
 * One secret of the KV secrets engine, version 2, in HashiCorp Vault (1.9 or later) or OpenBao.
 *
 * Our keys are set with a JSON merge patch, so that all other keys of the secret stay as the server has them; where
 * there is no live version to patch, one is written. Both carry `options.cas`, so that nothing written in between by
 * others is lost: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#patch-secret and
 * https://openbao.org/api-docs/secret/kv/kv-v2/#createupdate-secret. A secret that holds the entries already is not
 * written again, because each write is a version and the engine keeps ten of them.
 *
 * `typicalSeconds`: agents read static secrets again every five minutes
 * (https://developer.hashicorp.com/vault/docs/agent-and-proxy/agent/template, `static_secret_render_interval`).
 */
export const vaultKv: TargetConnector<typeof vaultConfig, typeof place> = {
  kind: 'vault-kv',
  title: 'HashiCorp Vault or OpenBao (KV version 2)',
  aliases: ['HCP'],
  docs: 'https://openbao.org/api-docs/secret/kv/kv-v2/',
  needs: 'A policy with the capabilities create, read, update and patch on MOUNT/data/PATH.',
  proven: { against: 'real server', what: 'OpenBao 2.7.2', on: '2026-11-28' },
  config: vaultConfig,
  place,
  can: () => ({
    readBack: 'value',
    redeploy: 'none',
    compareAndSet: true,
    holdsNext: true,
    typicalSeconds: 300,
  }),
  check,
  deliver,
  confirm,
  remove,
};

async function check(call: VaultCall): Promise<void> {
  const path = dataPath(call);
  const what = 'Asking what the token may do';
  const request = await vaultRequest(call, 'POST', 'sys/capabilities-self', { paths: [path] });
  const schema = z.object({ data: z.object({ [path]: z.array(z.string()) }) });
  const { data } = await exchange(call, request, { ok: [200], schema, what, repeatable: true });
  const granted = data[path] ?? [];
  const missing = granted.includes('root') ? [] : CAPABILITIES.filter((one) => !granted.includes(one));
  if (missing.length > 0) {
    const sentence = `The token lacks ${quoted(missing)} on ${path}. Grant it in a policy of this token or role.`;
    throw new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  await checkEngine(call);
  await read(call);
}

/** Version 1 of the engine has the same addresses, but neither versions nor check-and-set. */
async function checkEngine(call: VaultCall): Promise<void> {
  const { mount } = call.place;
  const request = await vaultRequest(call, 'GET', `sys/internal/ui/mounts/${vaultPath(mount)}`);
  const what = `Looking at the secrets engine at ${mount}`;
  const { data } = await exchange(call, request, { ok: [200], schema: mountAnswer, what });
  if (data.type === 'kv' && data.options?.version === '2') return;
  const sentence = `The secrets engine at ${mount} is not KV version 2. Enter the mount of one that is.`;
  throw new ConnectorError(sentence, 'never');
}

async function deliver(call: VaultCall, entries: Entries, slot: Slot): Promise<void> {
  const keyOf = keysIn(slot, Object.keys(entries));
  const wanted = new Map(Object.entries(entries).map(([key, value]) => [keyOf(key), value]));
  await change(call, (held) => {
    if (holdsAll(held, wanted)) return undefined;
    return Object.fromEntries([...wanted].map(([key, value]) => [key, value.expose()]));
  });
}

async function confirm(call: VaultCall, entries: Entries, slot: Slot): Promise<'live' | 'pending'> {
  const keyOf = keysIn(slot, Object.keys(entries));
  const wanted = new Map(Object.entries(entries).map(([key, value]) => [keyOf(key), value]));
  return holdsAll(await read(call), wanted) ? 'live' : 'pending';
}

async function remove(call: VaultCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const gone = keys.map(keysIn(slot, keys));
  await change(call, ({ data }) => {
    const there = gone.filter((key) => data !== null && Object.hasOwn(data, key));
    return there.length === 0 ? undefined : Object.fromEntries(there.map((key) => [key, null]));
  });
}

/** Changes some keys of what was just read. Tried again once where somebody else wrote in between. */
async function change(
  call: VaultCall,
  changes: (held: Held) => Record<string, string | null> | undefined,
): Promise<void> {
  for (let time = 0; time < 2; time += 1) {
    const held = await read(call);
    const wanted = changes(held);
    if (wanted === undefined || (await write(call, held, wanted))) return;
  }
  const sentence = `Others keep writing to ${dataPath(call)} at this moment, so nothing was written. It is tried again later.`;
  throw new ConnectorError(sentence, 'later');
}

/** Answers false where the secret is no longer what was read. */
async function write(
  call: VaultCall,
  held: Held,
  data: Readonly<Record<string, string | null>>,
): Promise<boolean> {
  const path = vaultPath(call.place.mount, 'data', call.place.path);
  const body = { options: { cas: held.version }, data };
  const request = await vaultRequest(call, held.data === null ? 'POST' : 'PATCH', path, body);
  // With check-and-set, what is sent again changes nothing or meets the version it made itself.
  const expectation = { ok: [200, 204], what: `Writing to ${dataPath(call)}`, repeatable: true };
  const response = await send(call, request, expectation);
  if (response.status === 404 && request.method === 'PATCH') return false;
  if (response.status === 400 && saysConflict(response)) return false;
  accept(request, response, expectation);
  return true;
}

async function read(call: VaultCall): Promise<Held> {
  const request = await vaultRequest(call, 'GET', vaultPath(call.place.mount, 'data', call.place.path));
  const expectation = { ok: [200, 404], schema: secretAnswer, what: `Reading ${dataPath(call)}` };
  const response = await send(call, request, expectation);
  if (response.status === 404 && isNowhere(call, response)) return { data: null, version: 0 };
  const { data } = accept(request, response, expectation);
  // A deleted or destroyed version is answered with 404 and its number, which check-and-set wants.
  return { data: data.data, version: data.metadata.version };
}

/** A secret that was never written is answered with an empty list of errors; one error says that the mount is missing. */
function isNowhere(call: VaultCall, response: HttpResponse): boolean {
  const answer = errorAnswer.safeParse(parseJson(response.text));
  if (!answer.success) return false;
  if (answer.data.errors.length === 0) return true;
  const sentence = `There is no secrets engine at ${call.place.mount}, or its namespace is another one. Correct the mount or the namespace.`;
  throw new ConnectorError(sentence, 'never');
}

function saysConflict(response: HttpResponse): boolean {
  const answer = errorAnswer.safeParse(parseJson(response.text));
  return answer.success && answer.data.errors.some((error) => error.includes('check-and-set parameter'));
}

function holdsAll({ data }: Held, wanted: ReadonlyMap<string, Plaintext>): boolean {
  return [...wanted].every(([key, value]) => {
    const there = data !== null && Object.hasOwn(data, key) ? data[key] : undefined;
    return typeof there === 'string' && value.equals(new Plaintext(there));
  });
}

function dataPath({ place: { mount, path } }: VaultCall): string {
  return `${mount}/data/${path}`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
