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
import { MOST_SINCE, stateSince } from '#connectors/targets/deployments-since.ts';
import type { HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.render.com')
    .meta({ title: 'Address of the API', description: 'Without /v1.', rare: true }),
  token: secretText().meta({ title: 'API key', description: 'From Account Settings, API Keys.' }),
});

const place = z.object({
  serviceId: z
    .string()
    .regex(/^(srv|crn)-[a-z0-9]{1,40}$/, 'must begin with srv- or crn-')
    .meta({
      title: 'Service ID',
      description: 'As in the address of its page: srv-…, or crn-… of a cron job.',
    }),
  groupId: z
    .string()
    .regex(/^evg-[a-z0-9]{1,40}$/, 'must begin with evg-')
    .optional()
    .meta({
      title: 'Environment group ID',
      description:
        'Left empty, the variables are those of the service. Of a group, the service here is the one to deploy.',
    }),
  redeploy: z.boolean().default(true).meta({
    title: 'Deploy after a delivery',
    description: 'Through its API, Render changes variables without deploying them.',
    setting: true,
  }),
});

type RenderCall = Call<z.output<typeof config>, z.output<typeof place>>;
type FoundDeploy = z.output<typeof deploy>;

const variable = z.object({ value: z.string().transform((value) => new Plaintext(value)) });
const owner = z.object({ id: z.string(), type: z.string().optional(), suspended: z.string().optional() });
const commit = z.object({ id: z.string().min(1) }).nullish();
const deploy = z.object({ id: z.string().min(1), status: z.string(), commit });
const deploys = z.array(z.object({ deploy }));
const begun = z.object({ after: z.string().nullable() });

/** A deploy that a later one has replaced was live before. */
const DONE = ['live', 'deactivated'];
const FAILED = ['build_failed', 'update_failed', 'pre_deploy_failed', 'canceled'];

/**
 * Environment variables of a Render service or environment group. Each key is written alone, because the request for the
 * whole list would take the others away: https://api-docs.render.com/reference/update-env-var,
 * https://api-docs.render.com/reference/update-env-group-env-var. They can be read back (`readBack`):
 * https://api-docs.render.com/reference/retrieve-env-var. Services see a change at their next deploy (`redeploy`), which
 * releases no code that is not released yet (`codeOf`): https://api-docs.render.com/reference/create-deploy,
 * https://api-docs.render.com/reference/list-deploys. 400 reads and 30 changes a minute:
 * https://api-docs.render.com/reference/rate-limiting. An API key may do all that its owner may, so `check` reads.
 */
export const render: TargetConnector<typeof config, typeof place> = {
  kind: 'render',
  title: 'Render environment variables',
  aliases: ['env vars'],
  docs: 'https://api-docs.render.com/reference/update-env-var',
  needs: 'An API key of a workspace member who may manage the service and its environment group.',
  proven: { against: 'documented fake', what: 'Render API v1', on: '2026-11-25' },
  config,
  place,
  limits: { concurrency: 2, perMinute: 10 },
  can: (_config, { redeploy }) => ({
    readBack: 'value',
    redeploy: redeploy ? 'call' : 'none',
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

async function check(call: RenderCall): Promise<void> {
  const { serviceId, groupId } = call.place;
  const { suspended } = await readOwner(call, `/v1/services/${serviceId}`, `service ${serviceId}`);
  if (groupId !== undefined)
    await readOwner(call, `/v1/env-groups/${groupId}`, `environment group ${groupId}`);
  if (suspended !== 'suspended' || !call.place.redeploy) return;
  const sentence = `The service ${serviceId} is suspended at Render, so it cannot be deployed. Resume it, or take deploying out of the place.`;
  throw new ConnectorError(sentence, 'never');
}

async function deliver(call: RenderCall, entries: Entries, slot: Slot): Promise<void> {
  const keyOf = keysIn(slot, Object.keys(entries));
  const names = Object.keys(entries).map(keyOf);
  requireNames('Render', names, /^[A-Za-z_][\w.-]*$/, 'letters, digits, _, - and ., no digit first');
  for (const [key, value] of Object.entries(entries)) {
    await askStatus(call, apiOf(call), {
      method: 'PUT',
      path: variablePath(call, keyOf(key)),
      body: { value: value.expose() },
      ok: [200, 201],
      what: `Writing ${keyOf(key)} to ${placeName(call)}`,
      missing: missing(placeName(call)),
    });
  }
}

async function confirm(call: RenderCall, entries: Entries, slot: Slot): Promise<'live' | 'pending'> {
  const keyOf = keysIn(slot, Object.keys(entries));
  for (const [key, value] of Object.entries(entries)) {
    const there = await findJson(call, apiOf(call), {
      method: 'GET',
      path: variablePath(call, keyOf(key)),
      ok: [200],
      what: `Reading ${keyOf(key)} of ${placeName(call)}`,
      schema: variable,
    });
    if (there === undefined || !there.value.equals(value)) return 'pending';
  }
  return 'live';
}

async function remove(call: RenderCall, keys: readonly string[], slot: 'next'): Promise<void> {
  for (const key of keys.map(keysIn(slot, keys))) {
    const status = await askStatus(call, apiOf(call), {
      method: 'DELETE',
      path: variablePath(call, key),
      ok: [200, 204, 404],
      what: `Removing ${key} from ${placeName(call)}`,
    });
    // Also 404 where the service or group itself cannot be seen: then nothing is known to be gone.
    if (status === 404) await readOwner(call, ownerPath(call), placeName(call));
  }
}

/** The answer that a deploy is queued names none, so what was newest before is kept instead of an ID. */
async function redeploy(call: RenderCall): Promise<string> {
  const found = await list(call, MOST_SINCE);
  await askStatus(call, apiOf(call), {
    method: 'POST',
    path: `/v1/services/${call.place.serviceId}/deploys`,
    body: await codeOf(call, found),
    ok: [200, 201, 202],
    what: `Deploying the service ${call.place.serviceId}`,
    missing: missing(`service ${call.place.serviceId}`),
  });
  return JSON.stringify({ after: found[0]?.id ?? null });
}

/**
 * Without a word about the code Render builds the branch's latest commit. `deploy_only` starts the last successful build with
 * the variables as they are now, and takes no `clearCache`. A static site has the values in its build, so the commit that is
 * live, or on its way, is built anew.
 */
async function codeOf(call: RenderCall, found: readonly FoundDeploy[]): Promise<object> {
  const { serviceId } = call.place;
  const { type } = await readOwner(call, `/v1/services/${serviceId}`, `service ${serviceId}`);
  if (type !== 'static_site') return { deployMode: 'deploy_only' };
  const commit = found.find(({ status }) => !FAILED.includes(status))?.commit;
  if (commit) return { commitId: commit.id };
  const sentence = `Render tells no commit that is live for the static site ${serviceId}, and Rekey does not release another one. The variables are written; deploy it in Render's dashboard.`;
  throw new ConnectorError(sentence, 'never');
}

async function redeployState(call: RenderCall, ref: string): Promise<'running' | 'done' | 'failed'> {
  const before = begun.safeParse(parseJson(ref));
  if (!before.success) throw new ConnectorError('This is no deploy of a Render service.', 'never');
  return stateSince(await list(call, MOST_SINCE), before.data.after, { done: DONE, failed: FAILED });
}

/** The newest deploys, the newest first. */
async function list(call: RenderCall, most: number): Promise<FoundDeploy[]> {
  const { serviceId } = call.place;
  const found = await askJson(call, apiOf(call), {
    method: 'GET',
    path: `/v1/services/${serviceId}/deploys?limit=${most}`,
    ok: [200],
    what: `Reading the deploys of the service ${serviceId}`,
    missing: missing(`service ${serviceId}`),
    schema: deploys,
  });
  return found.map(({ deploy }) => deploy);
}

function readOwner(call: RenderCall, path: string, name: string): Promise<z.output<typeof owner>> {
  return askJson(call, apiOf(call), {
    method: 'GET',
    path,
    ok: [200],
    what: `Reading the ${name}`,
    missing: missing(name),
    schema: owner,
  });
}

function apiOf({ config }: RenderCall): JsonApi {
  return {
    baseUrl: config.baseUrl,
    headers: { authorization: `Bearer ${config.token.expose()}` },
    permission: 'an API key of a workspace member who may manage this service and its environment group',
    ownError,
  };
}

const suspendedAnswer = z.object({ message: z.string().regex(/suspended/i) });

function ownError(response: HttpResponse, what: string): ConnectorError | undefined {
  const { status } = response;
  if (status !== 400 && status !== 402 && status !== 409) return undefined;
  const suspended = suspendedAnswer.safeParse(parseJson(response.text)).success;
  const why = suspended
    ? 'The service is suspended: resume it.'
    : status === 402
      ? 'The workspace wants its payment details put in order.'
      : 'Check the name and the value, and that no deploy is being changed there by hand.';
  return new ConnectorError(`${what} failed: Render refuses it (${status}). ${why}`, 'never', {
    ...(status === 409 && { because: 'conflict' }),
  });
}

function missing(name: string): string {
  return `Render knows no ${name} or does not show it to the stored API key (404). Check the ID, and that the key's owner is a member of the workspace.`;
}

function placeName({ place }: RenderCall): string {
  return place.groupId === undefined ? `service ${place.serviceId}` : `environment group ${place.groupId}`;
}

function ownerPath({ place }: RenderCall): string {
  return place.groupId === undefined ? `/v1/services/${place.serviceId}` : `/v1/env-groups/${place.groupId}`;
}

function variablePath(call: RenderCall, key: string): string {
  return `${ownerPath(call)}/env-vars/${segment(key)}`;
}
