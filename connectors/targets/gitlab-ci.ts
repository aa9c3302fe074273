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
import { askJson, askStatus, findJson, type JsonApi, segment } from '#connectors/json-api.ts';
import { requireNames } from '#connectors/key-names.ts';
import { keysIn } from '#connectors/next-keys.ts';
import { tlsFields } from '#connectors/tls.ts';
import type { HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://gitlab.com')
    .meta({ title: 'Address', description: 'Of GitLab itself, without /api/v4.' }),
  token: secretText().meta({
    title: 'Token',
    description: 'A project, group or personal access token with the scope api.',
  }),
  ...tlsFields,
});

const place = z.object({
  of: z.enum(['project', 'group']).default('project').meta({ title: 'Variables of a' }),
  id: z
    .string()
    .regex(/^[\w.-]+(\/[\w.-]+)*$/, 'must be a number or a path such as acme/shop')
    .max(500)
    .meta({ title: 'Project or group', description: 'Its number, or its path such as acme/shop.' }),
  environmentScope: z.string().min(1).max(255).default('*').meta({
    title: 'Environment scope',
    description:
      'Exactly as it stands at the variable. Others are not touched; before GitLab 16.9 a group may have none of the same key.',
  }),
  visibility: z.enum(['visible', 'masked', 'hidden']).default('masked').meta({
    title: 'Visibility of new variables',
    description:
      'masked and hidden ones want values without spaces of at least 8 characters. hidden ones cannot be read back. What is there keeps its own.',
    setting: true,
  }),
  protect: z.boolean().default(false).meta({
    title: 'Protect new variables',
    description: 'They then reach protected branches and tags only. What is there keeps its own.',
    setting: true,
  }),
});

type Place = z.output<typeof place>;
type GitlabCall = Call<z.output<typeof config>, Place>;

/** `hidden` is left out by GitLab before 17.4, `raw` before 15.7. A hidden variable has null for its value. */
const variable = z.object({
  key: z.string(),
  value: z.string().nullable(),
  masked: z.boolean().default(false),
  protected: z.boolean().default(false),
  hidden: z.boolean().default(false),
  raw: z.boolean().default(false),
});
const ownToken = z.object({ scopes: z.array(z.string()) });

const NAMES = /^[A-Za-z0-9_]{1,255}$/;

type Variable = z.output<typeof variable>;
type Held = 'live' | 'pending' | 'unknown';

/**
 * CI/CD variables of a project or group in one environment scope. The next pipeline reads them, so nothing is deployed
 * anew. Values can be read back unless a variable is hidden (`readBack`), and only the value of one that is there is
 * changed: https://docs.gitlab.com/api/project_level_variables/, https://docs.gitlab.com/api/group_level_variables/,
 * https://docs.gitlab.com/ci/variables/#hide-a-cicd-variable. GitLab.com takes 2,000 requests a minute from one user:
 * https://docs.gitlab.com/user/gitlab_com/#rate-limits-on-gitlabcom.
 */
export const gitlabCi: TargetConnector<typeof config, typeof place> = {
  kind: 'gitlab-ci',
  title: 'GitLab CI/CD variables',
  aliases: ['pipeline'],
  docs: 'https://docs.gitlab.com/api/project_level_variables/',
  needs: 'An access token with the scope api and the role Maintainer at the project, or Owner at the group.',
  proven: { against: 'documented fake', what: 'GitLab REST API v4 of GitLab 18', on: '2026-11-25' },
  config,
  place,
  limits: { concurrency: 4, perMinute: 500 },
  can: (_config, { visibility }) => ({
    readBack: visibility === 'hidden' ? 'none' : 'value',
    redeploy: 'none',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 2,
  }),
  check,
  deliver,
  confirm,
  remove,
};

async function check(call: GitlabCall): Promise<void> {
  await mustBeThere(call);
  // The list shows that the role is right. A token that may only read sees it as well, so its scopes are looked at.
  const what = 'Reading the scopes of the stored token';
  const path = '/api/v4/personal_access_tokens/self';
  const own = await findJson(call, apiOf(call), { method: 'GET', path, ok: [200], what, schema: ownToken });
  if (own === undefined || own.scopes.includes('api') || !own.scopes.includes('read_api')) return;
  const sentence = `The stored token may read the variables of ${placeName(call.place)} and not write them: it has the scope read_api. It needs ${permissionFor(call.place)}.`;
  throw new ConnectorError(sentence, 'never', { because: 'permission' });
}

async function deliver(call: GitlabCall, entries: Entries, slot: Slot): Promise<void> {
  const keyOf = keysIn(slot, Object.keys(entries));
  requireNames('GitLab', Object.keys(entries).map(keyOf), NAMES, '255 letters, digits and _ at most');
  for (const [key, value] of Object.entries(entries)) {
    const there = await find(call, keyOf(key));
    if (there === undefined) {
      const beside = slot === 'next' ? await find(call, key) : undefined;
      await create(call, keyOf(key), value, beside);
    } else await update(call, there, value);
  }
}

async function confirm(call: GitlabCall, entries: Entries, slot: Slot): Promise<Held> {
  if (call.place.visibility === 'hidden') return 'unknown';
  const keyOf = keysIn(slot, Object.keys(entries));
  let answer: 'live' | 'unknown' = 'live';
  for (const [key, value] of Object.entries(entries)) {
    const there = await find(call, keyOf(key));
    if (there === undefined) return 'pending';
    if (there.hidden || there.value === null) answer = 'unknown';
    else if (!value.equals(new Plaintext(there.value))) return 'pending';
  }
  return answer;
}

async function remove(call: GitlabCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const keyOf = keysIn(slot, keys);
  for (const key of keys) {
    const status = await askStatus(call, apiOf(call), {
      method: 'DELETE',
      path: variablePath(call.place, keyOf(key)),
      ok: [204, 404],
      what: `Removing ${keyOf(key)} from ${placeName(call.place)}`,
    });
    // Also 404 where the token may not see the project: then nothing is known to be gone.
    if (status === 404) await mustBeThere(call);
  }
}

function find(call: GitlabCall, key: string): Promise<Variable | undefined> {
  return findJson(call, apiOf(call), {
    method: 'GET',
    path: variablePath(call.place, key),
    ok: [200],
    what: `Reading ${key} of ${placeName(call.place)}`,
    schema: variable,
  });
}

/** Sends the value alone, so that masking, protection, description and scope stay as they are. */
async function update(call: GitlabCall, { key, raw }: Variable, value: Plaintext): Promise<void> {
  if (!raw && value.expose().includes('$')) {
    const sentence = `${key} of ${placeName(call.place)} expands references, and the new value has a $ in it, so jobs would get another value. Nothing was written to it; clear "Expand variable reference" at the variable.`;
    throw new ConnectorError(sentence, 'never');
  }
  await askStatus(call, apiOf(call), {
    method: 'PUT',
    path: variablePath(call.place, key),
    body: { value: value.expose() },
    ok: [200],
    what: `Writing ${key} to ${placeName(call.place)}`,
    missing: `${key} or ${placeName(call.place)} is gone since it was read (404). Try again.`,
  });
}

/** A new variable is as the place says, or as the one it lies beside; its value is never expanded. */
async function create(
  call: GitlabCall,
  key: string,
  value: Plaintext,
  beside: Variable | undefined,
): Promise<void> {
  const { visibility, protect, environmentScope } = call.place;
  const hidden = beside?.hidden ?? visibility === 'hidden';
  await askStatus(call, apiOf(call), {
    method: 'POST',
    path: variablesPath(call.place),
    body: {
      key,
      value: value.expose(),
      environment_scope: environmentScope,
      protected: beside?.protected ?? protect,
      ...(hidden ? { masked_and_hidden: true } : { masked: beside?.masked ?? visibility === 'masked' }),
      raw: true,
    },
    ok: [201],
    what: `Writing ${key} to ${placeName(call.place)}`,
    missing: missing(call.place),
  });
}

async function mustBeThere(call: GitlabCall): Promise<void> {
  await askJson(call, apiOf(call), {
    method: 'GET',
    path: `${variablesPath(call.place)}?per_page=1`,
    ok: [200],
    what: `Listing the variables of ${placeName(call.place)}`,
    missing: missing(call.place),
    schema: z.array(variable),
  });
}

function apiOf({ config, place }: GitlabCall): JsonApi {
  return {
    baseUrl: config.baseUrl,
    headers: { 'private-token': config.token.expose() },
    permission: permissionFor(place),
    ownError: refusedValue,
  };
}

/** GitLab names the attribute it refuses. A refused value is nearly always one that cannot be masked. */
function refusedValue(response: HttpResponse, what: string): ConnectorError | undefined {
  if (response.status !== 400) return undefined;
  const body = z.object({ message: z.object({ value: z.unknown() }) }).safeParse(parseJson(response.text));
  if (!body.success || body.data.message.value === undefined) return undefined;
  const sentence = `${what} failed: GitLab refuses the value (400). A masked variable wants one line of at least 8 characters without spaces, and 10,000 at most. The value there was not changed; take masking away from the variable, or let the issuer make another value.`;
  return new ConnectorError(sentence, 'never');
}

function permissionFor(place: Place): string {
  return `the scope api, and the role ${place.of === 'project' ? 'Maintainer at the project' : 'Owner at the group'}`;
}

function missing(place: Place): string {
  return `GitLab knows no ${placeName(place)} or does not show it to the stored token (404). Check the name, and that the token has ${permissionFor(place)}.`;
}

function placeName({ of, id }: Place): string {
  return `${of} ${id}`;
}

function variablesPath({ of, id }: Place): string {
  return `/api/v4/${of}s/${segment(id)}/variables`;
}

function variablePath(place: Place, key: string): string {
  return `${variablesPath(place)}/${segment(key)}?filter%5Benvironment_scope%5D=${segment(place.environmentScope)}`;
}
