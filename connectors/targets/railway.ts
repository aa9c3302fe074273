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
import { requireNames } from '#connectors/key-names.ts';
import { keysIn } from '#connectors/next-keys.ts';
import { type Deployment, MOST_SINCE, stateSince } from '#connectors/targets/deployments-since.ts';
import { answer, askRailway } from '#connectors/targets/railway-api.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://backboard.railway.com')
    .meta({ title: 'Address of the API', description: 'Without /graphql/v2.', rare: true }),
  token: secretText().meta({ title: 'Token' }),
  tokenOf: z.enum(['account', 'project']).default('account').meta({
    title: 'Kind of token',
    description: 'account: of an account or workspace. project: of one environment in one project.',
  }),
});

const id = z.uuid();

const place = z.object({
  projectId: id.meta({ title: 'Project ID' }),
  environmentId: id.meta({ title: 'Environment ID' }),
  serviceId: id.optional().meta({
    title: 'Service ID',
    description: 'Left empty, the variables are those that the environment shares.',
  }),
  sealed: z.boolean().default(false).meta({
    title: 'The variables are sealed',
    description: 'Sealed variables can be written and not read back.',
    setting: true,
  }),
  redeploy: z.boolean().default(true).meta({
    title: 'Redeploy after a delivery',
    description: 'Of a service. Deployments see a change only from then on.',
    setting: true,
  }),
});

type RailwayCall = Call<z.output<typeof config>, z.output<typeof place>>;

const variables = answer({
  variables: z.record(
    z.string(),
    z.string().transform((value) => new Plaintext(value)),
  ),
});
const upserted = answer({ variableUpsert: z.literal(true) });
const deleted = answer({ variableDelete: z.literal(true) });
const redeployed = answer({ serviceInstanceRedeploy: z.literal(true) });
const deployment = z.object({ id: z.string().min(1), status: z.string() });
const deployments = answer({
  deployments: z.object({ edges: z.array(z.object({ node: deployment })) }),
});
/** The newest deployment when a new one was asked for; the answer to that names none. */
const begun = z.object({ after: z.string().nullable() });

const DONE = ['SUCCESS', 'SLEEPING'];
const FAILED = ['FAILED', 'CRASHED', 'REMOVED', 'REMOVING'];

/**
 * Variables of a Railway service, or those that an environment shares. One variable is upserted at a time and without
 * deploying, so the others stay; the collection with `replace` is never used. They are read back unrendered, with
 * references as they were written (`readBack`), unless they are sealed:
 * https://docs.railway.com/integrations/api/manage-variables, https://docs.railway.com/variables#sealed-variables.
 * A service is deployed anew with the current variables (`redeploy`):
 * https://docs.railway.com/integrations/api/manage-services. 1,000 requests an hour in the smallest paid plan:
 * https://docs.railway.com/integrations/api#rate-limits.
 */
export const railway: TargetConnector<typeof config, typeof place> = {
  kind: 'railway',
  title: 'Railway variables',
  aliases: ['environment variables', 'env vars'],
  docs: 'https://docs.railway.com/integrations/api/manage-variables',
  needs: 'An account or workspace token of a member of the project, or a project token of the environment.',
  proven: { against: 'documented fake', what: 'Railway public API, GraphQL v2', on: '2026-11-25' },
  config,
  place,
  limits: { concurrency: 2, perMinute: 8 },
  can: (_config, { sealed, serviceId, redeploy }) => ({
    readBack: sealed ? 'none' : 'value',
    redeploy: redeploy && serviceId !== undefined ? 'call' : 'none',
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

async function check(call: RailwayCall): Promise<void> {
  await read(call);
  if (call.place.serviceId !== undefined) await newest(call);
}

async function deliver(call: RailwayCall, entries: Entries, slot: Slot): Promise<void> {
  const keyOf = keysIn(slot, Object.keys(entries));
  const names = Object.keys(entries).map(keyOf);
  requireNames('Railway', names, /^[A-Za-z_]\w*$/, 'letters, digits and _, no digit first');
  const reference = Object.keys(entries).find((key) => entries[key]?.expose().includes('${{'));
  if (reference !== undefined) {
    const sentence = `The value of ${reference} has \${{ in it, which Railway would take for a reference to another variable. Nothing was written; let the issuer make another value.`;
    throw new ConnectorError(sentence, 'never');
  }
  for (const [key, value] of Object.entries(entries)) {
    await askRailway(call, {
      query: 'mutation upsert($input: VariableUpsertInput!) { variableUpsert(input: $input) }',
      variables: {
        input: { ...owner(call), name: keyOf(key), value: value.expose(), skipDeploys: true },
      },
      what: `Writing ${keyOf(key)} to ${placeName(call)}`,
      schema: upserted,
    });
  }
}

async function confirm(
  call: RailwayCall,
  entries: Entries,
  slot: Slot,
): Promise<'live' | 'pending' | 'unknown'> {
  if (call.place.sealed) return 'unknown';
  const keyOf = keysIn(slot, Object.keys(entries));
  const there = await read(call);
  const live = Object.entries(entries).every(
    ([key, value]) => Object.hasOwn(there, keyOf(key)) && there[keyOf(key)]?.equals(value) === true,
  );
  return live ? 'live' : 'pending';
}

/** What cannot be seen may be sealed, so it is taken away all the same; for a variable that is gone that is harmless. */
async function remove(call: RailwayCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const there = await read(call);
  for (const key of keys.map(keysIn(slot, keys))) {
    if (!call.place.sealed && !Object.hasOwn(there, key)) continue;
    await askRailway(call, {
      query: 'mutation remove($input: VariableDeleteInput!) { variableDelete(input: $input) }',
      variables: { input: { ...owner(call), name: key } },
      what: `Removing ${key} from ${placeName(call)}`,
      schema: deleted,
    });
  }
}

async function redeploy(call: RailwayCall): Promise<string> {
  const before = await newest(call);
  const { environmentId, serviceId } = call.place;
  await askRailway(call, {
    query:
      'mutation redeploy($environmentId: String!, $serviceId: String!) { serviceInstanceRedeploy(environmentId: $environmentId, serviceId: $serviceId) }',
    variables: { environmentId, serviceId },
    what: `Redeploying ${placeName(call)}`,
    schema: redeployed,
  });
  return JSON.stringify({ after: before?.id ?? null });
}

async function redeployState(call: RailwayCall, ref: string): Promise<'running' | 'done' | 'failed'> {
  const before = begun.safeParse(parseJson(ref));
  if (!before.success) throw new ConnectorError('This is no redeployment of a Railway service.', 'never');
  const words = { done: DONE, failed: FAILED, skipped: 'SKIPPED' };
  return stateSince(await list(call, MOST_SINCE), before.data.after, words);
}

async function newest(call: RailwayCall): Promise<Deployment | undefined> {
  const [first] = await list(call, 1);
  return first;
}

/** The newest deployments, the newest first. */
async function list(call: RailwayCall, first: number): Promise<Deployment[]> {
  const found = await askRailway(call, {
    query:
      'query newest($input: DeploymentListInput!, $first: Int) { deployments(input: $input, first: $first) { edges { node { id status } } } }',
    variables: { input: owner(call), first },
    what: `Looking for the newest deployments of ${placeName(call)}`,
    schema: deployments,
  });
  return found.data.deployments.edges.map(({ node }) => node);
}

async function read(call: RailwayCall): Promise<Readonly<Record<string, Plaintext>>> {
  const found = await askRailway(call, {
    query:
      'query read($projectId: String!, $environmentId: String!, $serviceId: String) { variables(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId, unrendered: true) }',
    variables: owner(call),
    what: `Reading the variables of ${placeName(call)}`,
    schema: variables,
  });
  return found.data.variables;
}

function owner({ place }: RailwayCall): Readonly<Record<string, string>> {
  const { projectId, environmentId, serviceId } = place;
  return { projectId, environmentId, ...(serviceId !== undefined && { serviceId }) };
}

function placeName({ place }: RailwayCall): string {
  const { serviceId, environmentId } = place;
  return serviceId === undefined ? `environment ${environmentId}` : `service ${serviceId}`;
}
