import { z } from 'zod';
import { ConnectorError, type Entries, type Slot, type TargetConnector } from '#connectors/contract.ts';
import { askJson, askStatus, findJson, segment } from '#connectors/json-api.ts';
import { requireNames } from '#connectors/key-names.ts';
import { keysIn } from '#connectors/next-keys.ts';
import {
  apiOf,
  type GithubCall,
  githubConfig,
  githubPlace,
  missing,
  placeName,
  secretsPath,
} from '#connectors/targets/github-actions-api.ts';
import type { Plaintext } from '#lib/plaintext.ts';

const publicKey = z.object({ key_id: z.string().min(1), key: z.base64() });
const orgSecret = z.object({ visibility: z.enum(['all', 'private', 'selected']) });
const repositories = z.object({
  total_count: z.int(),
  repositories: z.array(z.object({ id: z.int() })),
});

type PublicKey = z.output<typeof publicKey>;
type Sharing = { visibility: string; selected_repository_ids?: number[] };

/** GitHub writes names in capitals, whatever is sent. */
const NAMES = /^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/;
const PER_PAGE = 100;
const MOST_PAGES = 20;

/**
 * Secrets of a repository, an environment or an organization, sealed for GitHub's public key before they are sent.
 * GitHub gives no value back (`readBack` none), replaces a secret by PUT, and gives a secret of that moment to every job
 * that starts later, so nothing is deployed anew: https://docs.github.com/en/rest/actions/secrets.
 * An organization secret keeps its visibility and repositories, because they are read first and sent back.
 * One request at a time and 80 writes a minute, as GitHub asks for (a delivery writes about two):
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api.
 * `check` reads the secrets' names: a token that may read and not write them is noticed at the first delivery.
 */
export const githubActions: TargetConnector<typeof githubConfig, typeof githubPlace> = {
  kind: 'github-actions',
  title: 'GitHub Actions secrets',
  aliases: ['CI', 'pipeline', 'workflow', 'repository secrets'],
  docs: 'https://docs.github.com/en/rest/actions/secrets',
  needs:
    '"Secrets" repository permission (write), "Environments" (write) for environments, or "Secrets" organization permission (write); classic tokens: repo or admin:org.',
  proven: { against: 'documented fake', what: 'GitHub REST API 2022-11-28', on: '2026-11-25' },
  config: githubConfig,
  place: githubPlace,
  limits: { concurrency: 1, perMinute: 40 },
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
  requireNames(
    'GitHub',
    keys.map(keyOf),
    NAMES,
    'capital letters, digits and _, no digit first and no GITHUB_ in front',
  );
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
