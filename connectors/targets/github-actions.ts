import { z } from 'zod';
import type { TargetConnector } from '#connectors/contract.ts';
import { type Call, ConnectorError, type Entries, type Slot, secretText } from '#connectors/contract.ts';
import { parseJson, retryAfter } from '#connectors/exchange.ts';
import { askJson, askStatus, findJson, type JsonApi, segment } from '#connectors/json-api.ts';
import { keysIn } from '#connectors/next-keys.ts';
import { tlsFields } from '#connectors/tls.ts';
import type { HttpResponse } from '#lib/http.ts';
import type { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.github.com')
    .meta({
      title: 'Address of the API',
      description: 'For GitHub Enterprise Server: https://HOST/api/v3.',
    }),
  token: secretText().meta({
    title: 'Token',
    description: 'A fine-grained personal access token, a classic one, or one of a GitHub App.',
  }),
  ...tlsFields,
});

const name = z.string().regex(/^[\w.-]{1,100}$/, 'must be a name as it stands in the address of the page');

const place = z
  .object({
    owner: name.meta({ title: 'Owner', description: 'The organization or user.' }),
    repository: name.optional().meta({
      title: 'Repository',
      description: 'Left empty, the secrets are those of the organization.',
    }),
    environment: z.string().min(1).max(255).optional().meta({
      title: 'Environment',
      description: 'Left empty, the secrets are those of the repository.',
    }),
    visibility: z.enum(['private', 'all']).default('private').meta({
      title: 'Who may use a new organization secret',
      description: 'Repositories of the organization. The choice at secrets that are there is never changed.',
    }),
  })
  .refine(
    ({ repository, environment }) => environment === undefined || repository !== undefined,
    'An environment belongs to a repository: enter both.',
  );

type Place = z.output<typeof place>;
type GithubCall = Call<z.output<typeof config>, Place>;

const publicKey = z.object({ key_id: z.string().min(1), key: z.base64() });
const orgSecret = z.object({ visibility: z.enum(['all', 'private', 'selected']) });
const repositories = z.object({
  total_count: z.int(),
  repositories: z.array(z.object({ id: z.int() })),
});

type PublicKey = z.output<typeof publicKey>;
type Sharing = { visibility: string; selected_repository_ids?: number[] };

const PER_PAGE = 100;
const MOST_PAGES = 20;

/**
 * Secrets of a repository, an environment or an organization, sealed for GitHub's public key before they are sent.
 * GitHub gives no value back (`readBack` none), replaces a secret by PUT, and gives a secret of that moment to every job
 * that starts later, so nothing is deployed anew: https://docs.github.com/en/rest/actions/secrets.
 * An organization secret keeps its visibility and repositories, because they are read first and sent back.
 * One request at a time and 80 writes a minute, as GitHub asks for:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api.
 * `check` reads the secrets' names: a token that may read and not write them is noticed at the first delivery.
 */
export const githubActions: TargetConnector<typeof config, typeof place> = {
  kind: 'github-actions',
  title: 'GitHub Actions secrets',
  docs: 'https://docs.github.com/en/rest/actions/secrets',
  needs:
    '"Secrets" repository permission (write), "Environments" (write) for environments, or "Secrets" organization permission (write); classic tokens: repo or admin:org.',
  proven: { against: 'documented fake', what: 'GitHub REST API 2022-11-28', on: '2026-11-25' },
  config,
  place,
  limits: { concurrency: 1, perMinute: 80 },
  can: () => ({
    readBack: 'none',
    redeploy: 'none',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 2,
  }),
  check,
  deliver,
  confirm: async () => 'unknown',
  remove,
};

async function check(call: GithubCall): Promise<void> {
  const api = apiOf(call);
  await readPublicKey(call);
  await askStatus(call, api, {
    method: 'GET',
    path: `${secretsPath(call.place)}?per_page=1`,
    ok: [200],
    what: `Listing the secrets of ${placeName(call.place)}`,
    missing: missing(call.place),
  });
}

async function deliver(call: GithubCall, entries: Entries, slot: Slot): Promise<void> {
  const keys = Object.keys(entries);
  const keyOf = keysIn(slot, keys);
  for (const key of keys) mustBeName(keyOf(key));
  let sealer = await readPublicKey(call);
  for (const [key, value] of Object.entries(entries)) {
    const sharing = await readSharing(call, keyOf(key), key);
    if (await put(call, keyOf(key), value, sealer, sharing)) continue;
    // GitHub seals with another key now, so this one is fetched anew, once.
    sealer = await readPublicKey(call);
    if (await put(call, keyOf(key), value, sealer, sharing)) continue;
    const sentence = `GitHub refuses the secret ${keyOf(key)} of ${placeName(call.place)} (422), also with its newest public key. A value may have 48 KB at most; check name and value.`;
    throw new ConnectorError(sentence, 'never');
  }
}

async function remove(call: GithubCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const keyOf = keysIn(slot, keys);
  for (const key of keys) {
    const status = await askStatus(call, apiOf(call), {
      method: 'DELETE',
      path: `${secretsPath(call.place)}/${segment(keyOf(key))}`,
      ok: [204, 404],
      what: `Removing ${keyOf(key)} from ${placeName(call.place)}`,
    });
    // GitHub also answers 404 where the token may not see the place: then nothing is known to be gone.
    if (status === 404) await readPublicKey(call);
  }
}

/** Writes one secret. False where GitHub does not take it as it was sealed. */
async function put(
  call: GithubCall,
  key: string,
  value: Plaintext,
  sealer: PublicKey,
  sharing: Sharing | undefined,
): Promise<boolean> {
  const status = await askStatus(call, apiOf(call), {
    method: 'PUT',
    path: `${secretsPath(call.place)}/${segment(key)}`,
    body: { encrypted_value: await seal(value, sealer), key_id: sealer.key_id, ...sharing },
    ok: [201, 204, 422],
    what: `Writing ${key} to ${placeName(call.place)}`,
    missing: missing(call.place),
  });
  return status !== 422;
}

/**
 * Who may use an organization secret now, to be sent back with the value. A secret that is not there yet is shared as
 * the place says; one for the slot `next` as the secret is that it lies beside.
 */
async function readSharing(call: GithubCall, key: string, primary: string): Promise<Sharing | undefined> {
  if (call.place.repository !== undefined) return undefined;
  for (const name of new Set([key, primary])) {
    const path = `${secretsPath(call.place)}/${segment(name)}`;
    const what = `Reading who may use ${name} of ${placeName(call.place)}`;
    const there = await findJson(call, apiOf(call), {
      method: 'GET',
      path,
      ok: [200],
      what,
      schema: orgSecret,
    });
    if (there === undefined) continue;
    if (there.visibility !== 'selected') return { visibility: there.visibility };
    return { visibility: 'selected', selected_repository_ids: await readSelected(call, path, what) };
  }
  return { visibility: call.place.visibility };
}

async function readSelected(call: GithubCall, path: string, what: string): Promise<number[]> {
  const ids: number[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const found = await askJson(call, apiOf(call), {
      method: 'GET',
      path: `${path}/repositories?per_page=${PER_PAGE}&page=${page}`,
      ok: [200],
      what,
      schema: repositories,
    });
    ids.push(...found.repositories.map(({ id }) => id));
    if (ids.length >= found.total_count) return ids;
    if (found.repositories.length === 0) break;
  }
  const sentence = `${what} failed: its list of repositories could not be read in full. Nothing was written, so that no repository loses it.`;
  throw new ConnectorError(sentence, 'later');
}

function readPublicKey(call: GithubCall): Promise<PublicKey> {
  return askJson(call, apiOf(call), {
    method: 'GET',
    path: `${secretsPath(call.place)}/public-key`,
    ok: [200],
    what: `Reading the public key of ${placeName(call.place)}`,
    missing: missing(call.place),
    schema: publicKey,
  });
}

async function seal(value: Plaintext, { key }: PublicKey): Promise<string> {
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length !== sodium.crypto_box_PUBLICKEYBYTES) {
    throw new ConnectorError(
      'The answer of GitHub has a field `key` of another form than documented.',
      'never',
    );
  }
  return Buffer.from(sodium.crypto_box_seal(value.expose(), bytes)).toString('base64');
}

/** GitHub has its own rules for names, and writes them in capitals whatever is sent. */
function mustBeName(key: string): void {
  if (/^[A-Z_][A-Z0-9_]*$/.test(key) && !key.startsWith('GITHUB_')) return;
  const sentence = `GitHub takes no secret of the name ${key}: it wants capital letters, digits and _, no digit first and no GITHUB_ in front. Nothing was written; bind to another name.`;
  throw new ConnectorError(sentence, 'never');
}

function apiOf({ config, place }: GithubCall): JsonApi {
  return {
    baseUrl: config.baseUrl,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${config.token.expose()}`,
      'user-agent': 'rekey',
      'x-github-api-version': '2022-11-28',
    },
    permission: permissionFor(place),
    ownError: limited,
  };
}

/** GitHub says with 403 or 429 that it is asked too often; only the headers tell it from a missing permission. */
function limited(response: HttpResponse, what: string): ConnectorError | undefined {
  if (response.status !== 403 && response.status !== 429) return undefined;
  const spent = response.headers['x-ratelimit-remaining'] === '0';
  const body = parseJson(response.text);
  const said = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : '';
  const secondary = response.headers['retry-after'] !== undefined || /secondary rate limit/i.test(said);
  if (!spent && !secondary) return undefined;
  const reset = Number(response.headers['x-ratelimit-reset']) - Math.floor(Date.now() / 1000);
  // Where GitHub names no time, it asks to wait for a minute.
  const retryAfterSeconds = spent && reset > 0 ? Math.min(reset, 86_400) : 60;
  const sentence = `${what} failed: GitHub limits requests now (${response.status}). Nothing was changed; it will be asked again.`;
  return new ConnectorError(sentence, 'later', { retryAfterSeconds, ...retryAfter(response) });
}

function permissionFor({ repository, environment }: Place): string {
  if (repository === undefined)
    return '"Secrets" organization permission (write), or the scope admin:org at a classic token';
  const kind = environment === undefined ? 'Secrets' : 'Environments';
  return `"${kind}" repository permission (write), or the scope repo at a classic token`;
}

function missing(place: Place): string {
  return `GitHub knows no ${placeName(place)} or does not show it to the stored token (404). Check the names, and that the token has ${permissionFor(place)}.`;
}

function placeName({ owner, repository, environment }: Place): string {
  if (repository === undefined) return `organization ${owner}`;
  return `${environment === undefined ? '' : `environment ${environment} of `}repository ${owner}/${repository}`;
}

function secretsPath({ owner, repository, environment }: Place): string {
  if (repository === undefined) return `/orgs/${owner}/actions/secrets`;
  if (environment === undefined) return `/repos/${owner}/${repository}/actions/secrets`;
  return `/repos/${owner}/${repository}/environments/${segment(environment)}/secrets`;
}
