import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Entries,
  type Slot,
  secretText,
  type TargetConnector,
} from '#connectors/contract.ts';
import { askJson, askStatus, findJson, type JsonApi, segment } from '#connectors/json-api.ts';
import { requireNames } from '#connectors/key-names.ts';
import { keysIn } from '#connectors/next-keys.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.netlify.com')
    .meta({ title: 'Address of the API', description: 'Without /api/v1.', rare: true }),
  token: secretText().meta({ title: 'Personal access token' }),
});

const name = z.string().regex(/^[\w.-]{1,100}$/);
const place = z
  .object({
    account: name.meta({ title: 'Team', description: 'Its slug or ID, as in app.netlify.com/teams/SLUG.' }),
    siteId: name.optional().meta({
      title: 'Project ID',
      description: 'Left empty, the variables are those shared by the team.',
    }),
    context: z
      .enum(['production', 'deploy-preview', 'branch-deploy', 'dev', 'all'])
      .default('production')
      .meta({ title: 'Deploy context', description: 'Values of other contexts are not touched.' }),
    secret: z.boolean().default(true).meta({
      title: 'New variables contain secret values',
      description: 'Those cannot be read back. What is there keeps its own.',
      setting: true,
    }),
    redeploy: z.boolean().default(true).meta({
      title: 'Build after a delivery',
      description:
        'A change reaches new deploys only. A build takes the newest commit of the production branch: turn it off where releases wait for somebody, and build by hand. Of a project, in the context production or all.',
      setting: true,
    }),
  })
  .refine(
    ({ context, secret }) => !secret || (context !== 'all' && context !== 'dev'),
    'Secret values need a context of their own, and none that is dev',
  );

type Place = z.output<typeof place>;
type NetlifyCall = Call<z.output<typeof config>, Place>;
const variable = z.object({
  key: z.string(),
  scopes: z.array(z.string()).optional(),
  is_secret: z.boolean().default(false),
  values: z.array(z.object({ id: z.string().min(1), context: z.string(), value: z.string().nullish() })),
});
const build = z.object({ deploy_id: z.string().min(1) });
const deploy = z.object({ state: z.string(), published_at: z.string().nullish() });
type Variable = z.output<typeof variable>;

/** Netlify takes a secret value in every scope but post processing. */
const SECRET_SCOPES = ['builds', 'functions', 'runtime'];

/**
 * Environment variables of a project or a team in one deploy context. One value is set by PATCH, and the other contexts
 * keep theirs: https://open-api.netlify.com/#tag/environmentVariables/operation/setEnvVarValue. Secret values are never
 * given back (`readBack`): https://docs.netlify.com/build/environment-variables/secrets-controller/. A change reaches new
 * deploys only (`redeploy`): https://open-api.netlify.com/#tag/build/operation/createSiteBuild. That takes no commit, and
 * restoreSiteDeploy publishes a deploy as it was built
 * (https://open-api.netlify.com/#tag/deploy/operation/restoreSiteDeploy), so what is published cannot be built again with
 * new variables; the place says so. 500 requests a minute:
 * https://docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api/#rate-limiting.
 */
export const netlify: TargetConnector<typeof config, typeof place> = {
  kind: 'netlify',
  title: 'Netlify environment variables',
  aliases: ['env vars'],
  docs: 'https://docs.netlify.com/build/environment-variables/overview/',
  needs: 'A personal access token of a team member who may edit environment variables and start builds.',
  proven: { against: 'documented fake', what: 'Netlify API v1 (open-api 2)', on: '2026-11-25' },
  config,
  place,
  limits: { concurrency: 4, perMinute: 100 },
  can: (_config, { secret, siteId, context, redeploy }) => ({
    readBack: secret ? 'none' : 'value',
    redeploy: redeploy && siteId && (context === 'production' || context === 'all') ? 'call' : 'none',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 3,
  }),
  check,
  deliver,
  confirm,
  remove,
  redeploy,
  redeployState,
};

async function check(call: NetlifyCall): Promise<void> {
  await askJson(call, apiOf(call), {
    method: 'GET',
    path: variablePath(call.place),
    ok: [200],
    what: `Listing the variables of ${placeName(call.place)}`,
    missing: missing(call.place),
    schema: z.array(variable),
  });
}

async function deliver(call: NetlifyCall, entries: Entries, slot: Slot): Promise<void> {
  const keyOf = keysIn(slot, Object.keys(entries));
  const names = Object.keys(entries).map(keyOf);
  requireNames('Netlify', names, /^[A-Za-z]\w*$/, 'letters, digits and _, a letter first');
  for (const [key, value] of Object.entries(entries)) {
    const there = await find(call, keyOf(key));
    if (there === undefined) {
      const beside = slot === 'next' ? await find(call, key) : undefined;
      await create(call, keyOf(key), value, beside);
    } else await setValue(call, there, value);
  }
}

async function confirm(
  call: NetlifyCall,
  entries: Entries,
  slot: Slot,
): Promise<'live' | 'pending' | 'unknown'> {
  if (call.place.secret) return 'unknown';
  const keyOf = keysIn(slot, Object.keys(entries));
  let answer: 'live' | 'unknown' = 'live';
  for (const [key, value] of Object.entries(entries)) {
    const there = await find(call, keyOf(key));
    const held = there?.values.find(({ context }) => context === call.place.context);
    if (there === undefined || held === undefined) return 'pending';
    if (there.is_secret) answer = 'unknown';
    else if (!value.equals(new Plaintext(held.value ?? ''))) return 'pending';
  }
  return answer;
}

async function remove(call: NetlifyCall, keys: readonly string[], slot: 'next'): Promise<void> {
  for (const key of keys.map(keysIn(slot, keys))) {
    const there = await find(call, key);
    const ours = there?.values.filter(({ context }) => context === call.place.context) ?? [];
    for (const { id } of ours) {
      await askStatus(call, apiOf(call), {
        method: 'DELETE',
        path: variablePath(
          call.place,
          key,
          ours.length === there?.values.length ? '' : `/value/${segment(id)}`,
        ),
        ok: [204, 404],
        what: `Removing ${key} from ${placeName(call.place)}`,
      });
    }
    if (there === undefined) await check(call);
  }
}

async function redeploy(call: NetlifyCall): Promise<string> {
  const { deploy_id } = await askJson(call, apiOf(call), {
    method: 'POST',
    path: `/api/v1/sites/${segment(call.place.siteId ?? '')}/builds`,
    body: {},
    ok: [200, 201],
    what: `Starting a build of ${placeName(call.place)}`,
    missing: missing(call.place),
    schema: build,
  });
  return deploy_id;
}

/** A deploy that is ready and not published serves nobody yet: publishing is locked, or about to happen. */
async function redeployState(call: NetlifyCall, ref: string): Promise<'running' | 'done' | 'failed'> {
  const { state, published_at } = await askJson(call, apiOf(call), {
    method: 'GET',
    path: `/api/v1/deploys/${segment(ref)}`,
    ok: [200],
    what: `Reading the deploy ${ref}`,
    missing: 'Netlify knows this deploy no more (404). Start a build by hand.',
    schema: deploy,
  });
  if (['error', 'rejected', 'deleted'].includes(state)) return 'failed';
  return state === 'ready' && published_at ? 'done' : 'running';
}

function find(call: NetlifyCall, key: string): Promise<Variable | undefined> {
  return findJson(call, apiOf(call), {
    method: 'GET',
    path: variablePath(call.place, key),
    ok: [200],
    what: `Reading ${key} of ${placeName(call.place)}`,
    schema: variable,
  });
}

async function setValue(call: NetlifyCall, there: Variable, value: Plaintext): Promise<void> {
  const { context } = call.place;
  const others = there.values.filter((one) => one.context !== context).map((one) => one.context);
  if (context === 'all' && others.length > 0) {
    const sentence = `${there.key} of ${placeName(call.place)} has values of its own for ${others.join(', ')}, which a value for all contexts would not replace. It was not written; enter one of these contexts in the place.`;
    throw new ConnectorError(sentence, 'never', { because: 'conflict' });
  }
  await askStatus(call, apiOf(call), {
    method: 'PATCH',
    path: variablePath(call.place, there.key),
    body: { context, value: value.expose() },
    ok: [200, 201],
    what: `Writing ${there.key} to ${placeName(call.place)}`,
    missing: 'the variable is gone since it was read (404). Try again.',
  });
}

/** A new variable is secret as the place says, or as the one that it lies beside. */
async function create(
  call: NetlifyCall,
  key: string,
  value: Plaintext,
  beside: Variable | undefined,
): Promise<void> {
  const is_secret = beside?.is_secret ?? call.place.secret;
  const scopes = beside?.scopes ?? (is_secret ? SECRET_SCOPES : undefined);
  const values = [{ context: call.place.context, value: value.expose() }];
  await askStatus(call, apiOf(call), {
    method: 'POST',
    path: variablePath(call.place),
    body: [{ key, is_secret, values, ...(scopes && { scopes }) }],
    ok: [200, 201],
    what: `Writing ${key} to ${placeName(call.place)}`,
    missing: missing(call.place),
  });
}

function apiOf({ config }: NetlifyCall): JsonApi {
  return {
    baseUrl: config.baseUrl,
    headers: { authorization: `Bearer ${config.token.expose()}`, 'user-agent': 'rekey' },
    permission: 'a token of a team member who may edit environment variables and start builds',
  };
}

function missing(place: Place): string {
  return `Netlify knows no ${placeName(place)} or does not show it to the stored token (404). Check the team and the project ID.`;
}

function placeName({ account, siteId }: Place): string {
  return siteId === undefined ? `team ${account}` : `project ${siteId} of team ${account}`;
}

function variablePath({ account, siteId }: Place, key?: string, more = ''): string {
  const path = `/api/v1/accounts/${segment(account)}/env${key === undefined ? '' : `/${segment(key)}`}${more}`;
  return siteId === undefined ? path : `${path}?site_id=${segment(siteId)}`;
}
