import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import {
  type Call,
  ConnectorError,
  type Entries,
  type Slot,
  secretText,
  type TargetConnector,
} from '#connectors/contract.ts';
import { accept, send } from '#connectors/exchange.ts';
import { NOBODYS, refusedBy } from '#connectors/targets/azure-key-vault-refusals.ts';
import { accessToken } from '#connectors/token-endpoint.ts';
import type { HttpRequest, HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  vaultUrl: z.url({ protocol: /^https?$/ }).meta({
    title: 'Address of the vault',
    description: 'For example https://my-vault.vault.azure.net.',
  }),
  tenantId: z
    .string()
    .regex(/^[\w.-]{1,120}$/)
    .meta({ title: 'Tenant ID', description: 'Of the Microsoft Entra tenant.' }),
  clientId: z.string().min(1).max(100).meta({ title: 'Client ID', description: 'Of the app registration.' }),
  clientSecret: secretText().meta({ title: 'Client secret', description: 'Of the same app registration.' }),
  loginUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://login.microsoftonline.com')
    .meta({
      title: 'Address of Microsoft Entra',
      description: 'Another one in national clouds.',
      rare: true,
    }),
  scope: z.string().min(1).max(200).default('https://vault.azure.net/.default').meta({
    title: 'Scope',
    description: 'Another one in national clouds.',
    rare: true,
  }),
});

const place = z.object({
  prefix: z
    .string()
    .regex(/^[0-9a-zA-Z-]{1,60}$/, 'Use letters, digits and dashes.')
    .optional()
    .meta({ title: 'Prefix', description: 'Goes before every key to make the name of its secret.' }),
});

type VaultCall = Call<z.output<typeof config>, z.output<typeof place>>;

const secretAnswer = z.object({
  value: z.string(),
  id: z.string().regex(/\/secrets\/[^/]+\/[0-9a-zA-Z]+$/),
  tags: z.record(z.string(), z.string()).optional(),
  contentType: z.string().optional(),
  /** Seconds since 1970. */
  attributes: z.object({ created: z.number().optional(), exp: z.number().optional() }).optional(),
});
type Secret = z.output<typeof secretAnswer>;

const VERSION_TAG = 'rekey-version';
/** The vault keeps at most 15 tags on a secret. */
const MOST_TAGS = 15;

/**
 * Secrets in an Azure Key Vault. Each key is a secret of its own, so there are no siblings in it to lose.
 *
 * Names are made of letters, digits and dashes (https://learn.microsoft.com/rest/api/keyvault/secrets/set-secret/set-secret),
 * so the slot `next` of `KEY` is `KEY-NEXT` here and not `KEY_NEXT`: consumers that look for it have to be told so.
 * Setting a secret makes a new version, so the value there is compared first; tags and the content type are carried
 * over, and the version of Rekey is one of the tags. Where the version there expires, the new one lives as long as that one
 * was to; `nbf` is left out, because a new version is valid at once
 * (https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#secret-attributes).
 *
 * What is removed is disabled (https://learn.microsoft.com/rest/api/keyvault/secrets/update-secret/update-secret), not
 * deleted: a deleted name stays taken until it is purged (https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview),
 * and the next rotation needs it again. A disabled secret cannot be read.
 *
 * `typicalSeconds` is a first guess between what consumers do: the secrets store driver of AKS looks every two minutes,
 * App Service within 24 hours (https://learn.microsoft.com/azure/app-service/app-service-key-vault-references).
 */
export const azureKeyVault: TargetConnector<typeof config, typeof place> = {
  kind: 'azure-key-vault',
  title: 'Azure Key Vault',
  aliases: ['Microsoft', 'AKV'],
  docs: 'https://learn.microsoft.com/rest/api/keyvault/secrets/set-secret/set-secret',
  needs:
    'The role Key Vault Secrets Officer on the vault, or an access policy with the secret permissions Get and Set.',
  proven: { against: 'documented fake', what: 'Key Vault REST API 7.4', on: '2026-11-25' },
  config,
  place,
  can: () => ({
    readBack: 'value',
    redeploy: 'none',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 3600,
  }),
  check,
  deliver,
  confirm,
  remove,
};

/** What is not permitted is refused before the name is looked for, so a name that nobody has tells all there is to know. */
async function check(call: VaultCall): Promise<void> {
  const name = nameOf(call, NOBODYS, 'primary');
  await ask(call, 'GET', name, { ok: [200, 404], what: 'Asking whether secrets may be read' });
  const what = 'Asking whether secrets may be set';
  await ask(call, 'PATCH', `${name}/${'0'.repeat(32)}`, { ok: [200, 404], what }, {});
}

async function deliver(call: VaultCall, entries: Entries, slot: Slot): Promise<void> {
  const wanted = namesIn(call, Object.keys(entries), slot);
  for (const [key, value] of Object.entries(entries)) {
    const name = wanted(key);
    const there = await read(call, name);
    if (there !== undefined && value.equals(new Plaintext(there.value))) continue;
    // Where the next value lies there is none before it, and the vault may demand an expiry of each.
    const model = there ?? (slot === 'next' ? await read(call, nameOf(call, key, 'primary')) : undefined);
    const body = { value: value.expose(), ...kept(call, there), ...expiry(model) };
    await ask(call, 'PUT', name, { ok: [200], what: `Setting the secret ${name}` }, body);
  }
}

async function confirm(call: VaultCall, entries: Entries, slot: Slot): Promise<'live' | 'pending'> {
  const wanted = namesIn(call, Object.keys(entries), slot);
  for (const [key, value] of Object.entries(entries)) {
    const there = await read(call, wanted(key));
    if (there === undefined || !value.equals(new Plaintext(there.value))) return 'pending';
  }
  return 'live';
}

async function remove(call: VaultCall, keys: readonly string[], slot: 'next'): Promise<void> {
  for (const name of keys.map(namesIn(call, keys, slot))) {
    const there = await read(call, name);
    if (there === undefined) continue;
    const version = there.id.slice(there.id.lastIndexOf('/') + 1);
    const body = { attributes: { enabled: false } };
    await ask(call, 'PATCH', `${name}/${version}`, { ok: [200, 404], what: `Disabling ${name}` }, body);
  }
}

/** What a new version takes over from the one before. */
function kept(call: VaultCall, there: Secret | undefined): { tags: object; contentType?: string } {
  const { [VERSION_TAG]: _before, ...others } = there?.tags ?? {};
  const hasRoom = Object.keys(others).length < MOST_TAGS;
  const tags = { ...others, ...(hasRoom && call.versionId !== null && { [VERSION_TAG]: call.versionId }) };
  return { tags, ...(there?.contentType !== undefined && { contentType: there.contentType }) };
}

function expiry(model: Secret | undefined): { attributes?: { exp: number } } {
  const { created, exp } = model?.attributes ?? {};
  if (created === undefined || exp === undefined || exp <= created) return {};
  return { attributes: { exp: Math.floor(Date.now() / 1000) + exp - created } };
}

/** A secret that can be read; undefined where there is none, or where it is disabled. */
async function read(call: VaultCall, name: string): Promise<Secret | undefined> {
  const expectation = { ok: [200, 404, 403], schema: secretAnswer, what: `Reading the secret ${name}` };
  const { request, response } = await ask(call, 'GET', name, expectation);
  if (response.status !== 200) return undefined;
  return accept(request, response, expectation);
}

async function ask(
  call: VaultCall,
  method: HttpRequest['method'],
  path: string,
  expectation: { readonly ok: readonly number[]; readonly what: string },
  body?: object,
): Promise<{ request: HttpRequest; response: HttpResponse }> {
  const { vaultUrl, tenantId, clientId, clientSecret, loginUrl, scope } = call.config;
  const tokenUrl = addressOf(loginUrl, `/${tenantId}/oauth2/v2.0/token`);
  const token = await accessToken(call, { tokenUrl, clientId, clientSecret, scope, auth: 'post' });
  const request: HttpRequest = {
    method,
    url: addressOf(vaultUrl, `/secrets/${path}?api-version=7.4`),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token.expose()}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  // What is set again is compared first, and attributes may be set twice.
  const repeatable = { ...expectation, repeatable: true };
  const response = await send(call, request, repeatable);
  const refusal = refusedBy(response, method, path);
  if (refusal !== undefined) throw refusal;
  if (!expectation.ok.includes(response.status)) accept(request, response, repeatable);
  return { request, response };
}

/** The names of some keys' secrets. Refuses keys of which two would have one name, because the vault ignores case. */
function namesIn(call: VaultCall, keys: readonly string[], slot: Slot): (key: string) => string {
  const taken = new Set<string>();
  for (const key of keys) {
    for (const name of [
      nameOf(call, key, 'primary'),
      ...(slot === 'next' ? [nameOf(call, key, slot)] : []),
    ]) {
      const folded = name.toLowerCase();
      if (taken.has(folded)) {
        const sentence = `Two keys of this binding would lie in the secret ${name}. Nothing was written; bind to other keys.`;
        throw new ConnectorError(sentence, 'never');
      }
      taken.add(folded);
    }
  }
  return (key) => nameOf(call, key, slot);
}

function nameOf({ place: { prefix = '' } }: VaultCall, key: string, slot: Slot): string {
  const name = `${prefix}${key}${slot === 'next' ? '-NEXT' : ''}`;
  if (/^[0-9a-zA-Z-]{1,127}$/.test(name)) return name;
  const sentence = `A vault has no secrets with names such as "${name}": they are made of letters, digits and dashes, 127 at most. Nothing was written; bind to another key.`;
  throw new ConnectorError(sentence, 'never');
}
