import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Entries,
  type Slot,
  secretText,
  type TargetConnector,
} from '#connectors/contract.ts';
import { askJson, askStatus, segment } from '#connectors/json-api.ts';
import { requireNames } from '#connectors/key-names.ts';
import { keysIn } from '#connectors/next-keys.ts';
import {
  inPlace,
  servingProject,
  teamed,
  type Variable,
  variable,
  vercelApi,
} from '#connectors/targets/vercel-api.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.vercel.com')
    .meta({ title: 'Address of the API', rare: true }),
  token: secretText().meta({ title: 'Access token', description: 'From Account Settings, Tokens.' }),
  teamId: z
    .string()
    .regex(/^[\w-]{1,100}$/)
    .optional()
    .meta({ title: 'Team ID', description: 'team_… of the team that the projects belong to.' }),
});

const environment = z.enum(['production', 'preview', 'development']);
/** A form sends an empty list where nothing was entered. */
const orProduction = (some: z.output<typeof environment>[]): z.output<typeof environment>[] =>
  some.length === 0 ? ['production'] : some;

const place = z.object({
  project: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be the name or the ID of a project')
    .meta({ title: 'Project', description: 'Its name or its ID.' }),
  environments: z.array(environment).default([]).transform(orProduction).meta({
    title: 'Environments',
    description:
      'production, preview or development, one a line; left empty production. Values of others are not touched.',
  }),
  type: z.enum(['encrypted', 'sensitive']).default('encrypted').meta({
    title: 'Type of new variables',
    description: 'sensitive ones cannot be read back. What is there keeps its own.',
    setting: true,
  }),
  redeploy: z.boolean().default(true).meta({
    title: 'Redeploy after a delivery',
    description:
      'Only new deployments see a change. The deployment that production points at is built anew, from the same commit.',
    setting: true,
  }),
});

type Place = z.output<typeof place>;
type VercelCall = Call<z.output<typeof config>, Place>;

const listed = z.object({ envs: z.array(variable) });
const decrypted = z.object({ value: z.string() });
const created = z.object({ failed: z.array(z.unknown()).default([]) });
const deployment = z.object({ id: z.string().min(1) });
const deploymentState = z.object({ readyState: z.string(), readySubstate: z.string().optional() });

/**
 * Environment variables of one project in some of its environments. A variable is changed by its id, value only; one
 * that other environments share is refused, because their value would change with it. Values of type sensitive are never
 * given back (`readBack`): https://vercel.com/docs/environment-variables/sensitive-environment-variables. A change reaches
 * new deployments only: https://vercel.com/docs/environment-variables/managing-environment-variables; a deployment is
 * built again by its id (`redeploy`): https://vercel.com/docs/rest-api/deployments/create-a-new-deployment. That is the
 * one that production points at, so that no code goes live that was rolled back.
 * `check` reads project and names: a token that may read and not write is noticed at the first delivery.
 */
export const vercel: TargetConnector<typeof config, typeof place> = {
  kind: 'vercel',
  title: 'Vercel environment variables',
  aliases: ['env vars'],
  docs: 'https://vercel.com/docs/rest-api/projects/edit-an-environment-variable',
  needs: 'An access token of a member who may change environment variables and create deployments.',
  proven: {
    against: 'documented fake',
    what: 'Vercel REST API (env v9 and v10, deployments v13)',
    on: '2026-11-25',
  },
  config,
  place,
  can: (_config, place) => ({
    readBack: place.type === 'sensitive' ? 'none' : 'value',
    redeploy: redeploys(place) ? 'call' : 'none',
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

function redeploys({ redeploy, environments }: Place): boolean {
  return redeploy && environments.includes('production');
}

async function check(call: VercelCall): Promise<void> {
  await list(call);
  if (!redeploys(call.place)) return;
  await servingProject(call, call.place.project, 'Nothing was changed.');
}

async function deliver(call: VercelCall, entries: Entries, slot: Slot): Promise<void> {
  const keyOf = keysIn(slot, Object.keys(entries));
  requireNames(
    'Vercel',
    Object.keys(entries).map(keyOf),
    /^[A-Za-z_]\w*$/,
    'letters, digits and _, no digit first',
  );
  const there = await list(call);
  const found = new Map(Object.keys(entries).map((key) => [key, inPlace(call.place, there, keyOf(key))]));
  for (const [key, value] of Object.entries(entries)) {
    const variables = found.get(key) ?? [];
    for (const { id } of variables) await update(call, keyOf(key), id, value);
    const covered = variables.flatMap(({ target }) => target);
    const missing = call.place.environments.filter((one) => !covered.includes(one));
    const [beside] = inPlace(call.place, slot === 'next' ? there : [], key, false);
    if (missing.length > 0) await create(call, keyOf(key), value, missing, beside);
  }
}

async function confirm(
  call: VercelCall,
  entries: Entries,
  slot: Slot,
): Promise<'live' | 'pending' | 'unknown'> {
  if (call.place.type === 'sensitive') return 'unknown';
  const keyOf = keysIn(slot, Object.keys(entries));
  const there = await list(call);
  let answer: 'live' | 'unknown' = 'live';
  for (const [key, value] of Object.entries(entries)) {
    const variables = inPlace(call.place, there, keyOf(key), false);
    const covered = variables.flatMap(({ target }) => target);
    if (call.place.environments.some((one) => !covered.includes(one))) return 'pending';
    for (const { id, type } of variables) {
      if (type === 'sensitive') answer = 'unknown';
      else if (!value.equals(await read(call, keyOf(key), id))) return 'pending';
    }
  }
  return answer;
}

async function remove(call: VercelCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const there = await list(call);
  for (const key of keys.map(keysIn(slot, keys))) {
    for (const { id } of inPlace(call.place, there, key)) {
      await askStatus(call, vercelApi(call.config), {
        method: 'DELETE',
        path: variablePath(call, id),
        ok: [200, 204, 404],
        what: `Removing ${key} from ${call.place.project}`,
      });
    }
  }
}

async function redeploy(call: VercelCall): Promise<string> {
  const state = 'The variables are written, nothing was built, and production still runs with the old value.';
  const { name, production } = await servingProject(call, call.place.project, state);
  if (production === undefined) {
    const sentence = `${call.place.project} has no production deployment that could be built again. Deploy it once, or take redeploying out of the place.`;
    throw new ConnectorError(sentence, 'never');
  }
  const { id } = await askJson(call, vercelApi(call.config), {
    method: 'POST',
    path: teamed(call.config, '/v13/deployments?forceNew=1'),
    body: { name, deploymentId: production, target: 'production' },
    ok: [200, 201],
    what: `Redeploying ${call.place.project}`,
    schema: deployment,
  });
  return id;
}

/** A production build that waits to be promoted serves nobody yet, so it is still running. */
async function redeployState(call: VercelCall, ref: string): Promise<'running' | 'done' | 'failed'> {
  const { readyState, readySubstate } = await askJson(call, vercelApi(call.config), {
    method: 'GET',
    path: teamed(call.config, `/v13/deployments/${segment(ref)}`),
    ok: [200],
    what: `Reading the deployment ${ref}`,
    missing: 'Vercel knows this deployment no more (404). Deploy the project by hand.',
    schema: deploymentState,
  });
  if (['ERROR', 'CANCELED', 'DELETED', 'BLOCKED'].includes(readyState)) return 'failed';
  if (readyState !== 'READY') return 'running';
  return readySubstate === 'STAGED' || readySubstate === 'ROLLING' ? 'running' : 'done';
}

async function list(call: VercelCall): Promise<Variable[]> {
  const { envs } = await askJson(call, vercelApi(call.config), {
    method: 'GET',
    path: variablesPath(call, 'v10'),
    ok: [200],
    what: `Listing the variables of ${call.place.project}`,
    missing: `Vercel knows no project ${call.place.project} here (404). Check the project, and the team ID of the target.`,
    schema: listed,
  });
  return envs;
}

async function read(call: VercelCall, key: string, id: string): Promise<Plaintext> {
  const { value } = await askJson(call, vercelApi(call.config), {
    method: 'GET',
    path: variablePath(call, id, 'v1'),
    ok: [200],
    what: `Reading ${key} of ${call.place.project}`,
    schema: decrypted,
  });
  return new Plaintext(value);
}

async function update(call: VercelCall, key: string, id: string, value: Plaintext): Promise<void> {
  await askStatus(call, vercelApi(call.config), {
    method: 'PATCH',
    path: variablePath(call, id),
    body: { value: value.expose() },
    ok: [200],
    what: `Writing ${key} to ${call.place.project}`,
    missing: 'the variable is gone since it was read (404). Try again.',
  });
}

async function create(
  call: VercelCall,
  key: string,
  value: Plaintext,
  target: readonly string[],
  beside: Variable | undefined,
): Promise<void> {
  const type = beside?.type === 'sensitive' ? 'sensitive' : call.place.type;
  const what = `Writing ${key} to ${call.place.project}`;
  const { failed } = await askJson(call, vercelApi(call.config), {
    method: 'POST',
    path: variablesPath(call, 'v10'),
    body: { key, value: value.expose(), type, target },
    ok: [200, 201],
    what,
    schema: created,
  });
  if (failed.length === 0) return;
  const sentence = `${what} failed: Vercel took the request and refused the variable. Check that ${target.join(', ')} may hold one of type ${type}.`;
  throw new ConnectorError(sentence, 'never');
}

function variablesPath({ config, place }: VercelCall, version: string): string {
  return teamed(config, `/${version}/projects/${segment(place.project)}/env`);
}

function variablePath({ config, place }: VercelCall, id: string, version = 'v9'): string {
  return teamed(config, `/${version}/projects/${segment(place.project)}/env/${segment(id)}`);
}
