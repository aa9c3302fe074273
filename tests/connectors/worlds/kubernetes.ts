import { type Answer, type Asked, type JsonApi, jsonApi } from './json-api.ts';
import type { TargetWorld } from './world.ts';

type Data = Record<string, string>;

export interface FakeSecret {
  data: Data;
  /** Which keys each field manager owns by applying. */
  owners: Map<string, Set<string>>;
  immutable?: boolean;
}

export interface FakeWorkload {
  metadata: { name: string; generation: number };
  spec: Record<string, unknown>;
  status: Record<string, unknown>;
}

/** The part of the Kubernetes API 1.34 that the connector uses, with server-side apply as documented. */
export interface FakeCluster {
  readonly api: JsonApi;
  readonly token: string;
  readonly secrets: Map<string, FakeSecret>;
  readonly workloads: Map<string, FakeWorkload>;
  /** What a review says no to, as `verb resource`. */
  readonly denied: Set<string>;
}

export function failed(code: number, reason: string, message: string, headers = {}): Answer {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code };
  return { status: code, body, headers };
}

export const base64 = (text: string) => Buffer.from(text).toString('base64');

export async function fakeCluster(): Promise<FakeCluster> {
  const api = await jsonApi((asked) => answer(fake, asked));
  const data = { OTHER: base64('1'), SECRET: base64('old') };
  const others = new Map([['kubectl-client-side-apply', new Set(Object.keys(data))]]);
  const fake: FakeCluster = {
    api,
    token: 'fake-service-account-token',
    secrets: new Map([['prod/app', { data, owners: others }]]),
    workloads: new Map([
      ['deployments/web', aWorkload('web', { replicas: 2 })],
      ['statefulsets/db', aWorkload('db', { replicas: 2 })],
      ['daemonsets/agent', aWorkload('agent', {})],
    ]),
    denied: new Set(),
  };
  return fake;
}

function aWorkload(name: string, spec: Record<string, unknown>): FakeWorkload {
  const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  return { metadata: { name, generation: 1 }, spec, status };
}

function answer(fake: FakeCluster, asked: Asked): Answer {
  if (asked.headers.authorization !== `Bearer ${fake.token}`)
    return failed(401, 'Unauthorized', 'Unauthorized');
  if (asked.path.endsWith('/selfsubjectaccessreviews')) return reviewed(fake, asked);
  const path = /^\/(?:api|apis\/apps)\/v1\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(asked.path);
  const [, namespace = '', resource = '', name = ''] = path ?? [];
  const verb = asked.method === 'GET' ? 'get' : 'patch';
  if (fake.denied.has(`${verb} ${resource}`)) {
    const user = 'User "system:serviceaccount:prod:rekey"';
    return failed(403, 'Forbidden', `${resource} "${name}" is forbidden: ${user} cannot ${verb} it`);
  }
  if (resource === 'secrets') return secret(fake, `${namespace}/${name}`, name, asked);
  const workload = fake.workloads.get(`${resource}/${name}`);
  if (workload === undefined || namespace !== 'prod') return missing(resource, name);
  if (asked.method === 'PATCH') {
    workload.spec = { ...workload.spec, ...(asked.body.spec as object) };
    workload.metadata.generation += 1;
  }
  return { status: 200, body: workload };
}

const missing = (resource: string, name: string) =>
  failed(404, 'NotFound', `${resource} "${name}" not found`);

function reviewed(fake: FakeCluster, { body }: Asked): Answer {
  const { resourceAttributes } = body.spec as { resourceAttributes: Record<string, string> };
  const { verb, resource } = resourceAttributes;
  return { status: 201, body: { ...body, status: { allowed: !fake.denied.has(`${verb} ${resource}`) } } };
}

function secret(fake: FakeCluster, key: string, name: string, asked: Asked): Answer {
  const there = fake.secrets.get(key);
  const isApply = asked.headers['content-type'] === 'application/apply-patch+yaml';
  if (there === undefined && !isApply) return missing('secrets', name);
  const now: FakeSecret = there ?? { data: {}, owners: new Map() };
  if (asked.method === 'GET') return shown(200, name, now);
  if (now.immutable) {
    const message = `Secret "${name}" is invalid: data: Forbidden: field is immutable when \`immutable\` is set`;
    return failed(422, 'Invalid', message);
  }
  const refused = isApply ? apply(now, asked) : merge(now, asked.body.data as Record<string, string | null>);
  if (refused !== undefined) return refused;
  fake.secrets.set(key, now);
  return shown(there === undefined ? 201 : 200, name, now);
}

/** What a manager owned and does not apply again is removed, unless another one owns it too. */
function apply(there: FakeSecret, { query, body }: Asked): Answer | undefined {
  const manager = query.get('fieldManager') ?? 'unknown';
  const data = body.data as Data;
  const changed = Object.keys(data).filter((key) => data[key] !== there.data[key]);
  const rivals = [...there.owners].filter(
    ([other, keys]) => other !== manager && changed.some((key) => keys.has(key)),
  );
  if (rivals.length > 0 && query.get('force') !== 'true') {
    return failed(409, 'Conflict', `Apply failed with 1 conflict: conflict with "${rivals[0]?.[0]}"`);
  }
  for (const [, keys] of rivals) for (const key of changed) keys.delete(key);
  const left = [...(there.owners.get(manager) ?? [])].filter((key) => !(key in data));
  there.owners.set(manager, new Set(Object.keys(data)));
  for (const key of left) {
    if (![...there.owners.values()].some((keys) => keys.has(key))) delete there.data[key];
  }
  Object.assign(there.data, data);
  return undefined;
}

function merge(there: FakeSecret, data: Record<string, string | null>): undefined {
  for (const [key, value] of Object.entries(data)) {
    for (const keys of there.owners.values()) keys.delete(key);
    if (value === null) delete there.data[key];
    else there.data[key] = value;
  }
}

function shown(status: number, name: string, { data }: FakeSecret): Answer {
  return { status, body: { kind: 'Secret', apiVersion: 'v1', metadata: { name }, data, type: 'Opaque' } };
}

/** Plays the controller: every workload has seen its newest template, and its rollout ended well or badly. */
export function endRollouts({ workloads }: FakeCluster, well: boolean): void {
  for (const { metadata, status } of workloads.values()) {
    const reason = well ? 'NewReplicaSetAvailable' : 'ProgressDeadlineExceeded';
    Object.assign(status, {
      observedGeneration: metadata.generation,
      conditions: [{ type: 'Progressing', status: well ? 'True' : 'False', reason }],
    });
  }
}

export async function kubernetesWorld(place: object = { workload: 'web' }): Promise<TargetWorld> {
  const fake = await fakeCluster();
  const { api } = fake;
  return {
    config: { server: `${api.url}/`, token: fake.token },
    place: { namespace: 'prod', secret: 'app', ...place },
    secrets: [fake.token],
    refuse: async () => {
      api.trouble = () => failed(401, 'Unauthorized', 'Unauthorized');
    },
    breakDown: async () => {
      api.trouble = () => failed(503, 'ServiceUnavailable', 'the server is currently unable to handle it');
    },
    neighbours: async (key) => {
      const { [key]: _own, ...others } = fake.secrets.get('prod/app')?.data ?? {};
      return JSON.stringify(Object.entries(others).sort());
    },
    endRedeploys: async (well) => endRollouts(fake, well),
    close: api.close,
  };
}
