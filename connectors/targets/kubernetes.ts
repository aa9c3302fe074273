import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Entries,
  type Slot,
  type TargetConnector,
} from '#connectors/contract.ts';
import { parseJson } from '#connectors/exchange.ts';
import { keysIn } from '#connectors/next-keys.ts';
import { type Act, askFor, clusterConfig, mustBeAllowed } from '#connectors/targets/kubernetes-api.ts';
import {
  obstacle,
  rolloutState,
  workloadAnswer,
  workloadKinds,
} from '#connectors/targets/kubernetes-rollout.ts';
import { Plaintext } from '#lib/plaintext.ts';

const objectName = () =>
  z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'Use small letters, digits, dashes and dots.');

const place = z.object({
  namespace: objectName().default('default').meta({ title: 'Namespace' }),
  secret: objectName().meta({ title: 'Secret', description: 'Its name. It is made if it is missing.' }),
  workloadKind: z
    .enum(workloadKinds)
    .default('Deployment')
    .meta({ title: 'Kind of workload', setting: true }),
  workload: objectName().optional().meta({
    title: 'Workload to restart',
    description:
      'The name of what has to be restarted to take up the Secret. Nothing is restarted without it.',
    setting: true,
  }),
});

type Place = z.output<typeof place>;
type SecretCall = Call<z.output<typeof clusterConfig>, Place>;

const secretAnswer = z.object({ data: z.record(z.string(), z.string()).nullish() });
const refusal = z.object({ message: z.string() });
const reference = z.object({ generation: z.int() });

/**
 * A Kubernetes Secret, and where the place names a workload, its restart.
 *
 * Keys are written by server-side apply (https://kubernetes.io/docs/reference/using-api/server-side-apply/). A field
 * manager owns the set of keys it applied last, and what it leaves out of its next apply is removed. Several bindings and
 * both slots may write to one Secret, so one manager for all of them would take each other's keys away. Therefore each
 * set of keys has a manager of its own, named by a hash of the set: it applies the same keys every time, and nothing is
 * ever removed by applying. `force` takes over exactly those keys, which an operator has bound to us. Removing the keys
 * of `next` is a JSON merge patch with null, which works whoever applied them.
 *
 * The restart is what `kubectl rollout restart` does, a changed annotation of the pod template; its end is judged as
 * `kubectl rollout status` does: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/.
 * `typicalSeconds`: Secrets mounted as files follow within the kubelet's sync period of a minute and its cache
 * (https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod).
 */
export const kubernetes: TargetConnector<typeof clusterConfig, typeof place> = {
  kind: 'kubernetes',
  title: 'Kubernetes Secret',
  aliases: ['k8s', 'EKS', 'AKS', 'GKE', 'OpenShift', 'k3s'],
  docs: 'https://kubernetes.io/docs/reference/using-api/server-side-apply/',
  needs:
    'A role with get and patch on the Secret (and create on secrets where it does not exist yet), and get and patch on the workload that is restarted.',
  proven: { against: 'real server', what: 'kube-apiserver 1.34.2 with etcd 3.6.5', on: '2026-11-28' },
  config: clusterConfig,
  place,
  can: (_config, { workload }) => ({
    readBack: 'value',
    redeploy: workload === undefined ? 'none' : 'call',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 90,
  }),
  check,
  deliver,
  confirm,
  remove,
  redeploy,
  redeployState,
};

const secretAct = ({ place: { secret } }: SecretCall, verb: Act['verb']): Act => ({
  verb,
  group: '',
  resource: 'secrets',
  name: secret,
});

async function check(call: SecretCall): Promise<void> {
  const { workload } = call.place;
  const onWorkload = workload === undefined ? [] : [workloadAct(call, 'get'), workloadAct(call, 'patch')];
  await mustBeAllowed(call, [secretAct(call, 'get'), secretAct(call, 'patch'), ...onWorkload]);
  if ((await readSecret(call)) === undefined) await mustBeAllowed(call, [secretAct(call, 'create')]);
  if (workload === undefined) return;
  const act = workloadAct(call, 'get');
  const what = `Looking for ${act.resource}/${workload} in the namespace ${call.place.namespace}`;
  const { read } = await askFor(call, act, { ok: [200], schema: workloadAnswer, what });
  mustRollOut(workload, obstacle(read()));
}

async function deliver(call: SecretCall, entries: Entries, slot: Slot): Promise<void> {
  const data = encoded(entries, slot);
  const unfit = Object.keys(data).find((key) => !/^[-._a-zA-Z0-9]{1,253}$/.test(key));
  if (unfit !== undefined) {
    const sentence = `A Secret has no keys such as "${unfit}": they are made of letters, digits, dashes, dots and underscores. Nothing was written; bind to another key.`;
    throw new ConnectorError(sentence, 'never');
  }
  const { secret, namespace } = call.place;
  const query = `?fieldManager=${managerOf(Object.keys(data))}&force=true`;
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret, namespace }, data };
  const { response } = await askFor(
    call,
    secretAct(call, 'patch'),
    {
      ok: [200, 201, 422],
      schema: z.unknown(),
      what: `Applying our keys to secrets/${secret} in the namespace ${namespace}`,
      repeatable: true,
    },
    { type: 'application/apply-patch+yaml', query, body },
  );
  if (response.status === 422) throw invalid(call, response.text);
}

async function confirm(call: SecretCall, entries: Entries, slot: Slot): Promise<'live' | 'pending'> {
  const there = (await readSecret(call))?.data ?? {};
  const isThere = ([key, value]: [string, string]) =>
    Object.hasOwn(there, key) && new Plaintext(value).equals(new Plaintext(there[key] ?? ''));
  return Object.entries(encoded(entries, slot)).every(isThere) ? 'live' : 'pending';
}

async function remove(call: SecretCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const gone = keys.map(keysIn(slot, keys));
  const body = { data: Object.fromEntries(gone.map((key) => [key, null])) };
  const { secret, namespace } = call.place;
  const { response } = await askFor(
    call,
    secretAct(call, 'patch'),
    {
      ok: [200, 404, 422],
      schema: z.unknown(),
      what: `Removing our next keys from secrets/${secret} in the namespace ${namespace}`,
      repeatable: true,
    },
    { type: 'application/merge-patch+json', query: '?fieldManager=rekey', body },
  );
  if (response.status === 422) throw invalid(call, response.text);
}

async function redeploy(call: SecretCall): Promise<string> {
  const act = workloadAct(call, 'patch');
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
  const { read } = await askFor(
    call,
    act,
    // A second restart takes the place of the first one, so it may be asked for again.
    { ok: [200], schema: workloadAnswer, what: `Restarting ${act.resource}/${act.name}`, repeatable: true },
    {
      type: 'application/strategic-merge-patch+json',
      query: '?fieldManager=rekey',
      body: { spec: { template: { metadata: { annotations } } } },
    },
  );
  const workload = read();
  mustRollOut(act.name, obstacle(workload));
  return JSON.stringify({ generation: workload.metadata.generation });
}

async function redeployState(call: SecretCall, ref: string): Promise<'running' | 'done' | 'failed'> {
  const begun = reference.safeParse(parseJson(ref));
  if (!begun.success)
    throw new ConnectorError(`"${ref}" is no restart that was begun here. Restart again.`, 'never');
  const act = workloadAct(call, 'get');
  const what = `Looking at the rollout of ${act.resource}/${act.name}`;
  const { read } = await askFor(call, act, { ok: [200], schema: workloadAnswer, what });
  return rolloutState(call.place.workloadKind, read(), begun.data.generation);
}

async function readSecret(call: SecretCall): Promise<z.output<typeof secretAnswer> | undefined> {
  const { secret, namespace } = call.place;
  const what = `Reading secrets/${secret} in the namespace ${namespace}`;
  const act = secretAct(call, 'get');
  const { response, read } = await askFor(call, act, { ok: [200, 404], schema: secretAnswer, what });
  return response.status === 404 ? undefined : read();
}

function workloadAct({ place: { workload, workloadKind } }: SecretCall, verb: Act['verb']): Act {
  if (workload === undefined)
    throw new ConnectorError('This place names no workload to restart. Enter one.', 'never');
  return { verb, group: 'apps', resource: `${workloadKind.toLowerCase()}s`, name: workload };
}

function mustRollOut(workload: string, why: string | undefined): void {
  if (why === undefined) return;
  const sentence = `${workload} does not start all of its pods anew when it is restarted, because ${why}. Change that, or take the workload out of this place and restart it by hand.`;
  throw new ConnectorError(sentence, 'never');
}

function invalid({ place: { secret } }: SecretCall, text: string): ConnectorError {
  const said = refusal.safeParse(parseJson(text));
  const isImmutable = said.success && said.data.message.includes('immutable');
  const why = isImmutable ? 'it is immutable' : 'the API server finds it invalid';
  const sentence = `secrets/${secret} cannot be changed: ${why}. Nothing was written; correct the Secret or use another one.`;
  return new ConnectorError(sentence, 'never');
}

function encoded(entries: Entries, slot: Slot): Record<string, string> {
  const keyOf = keysIn(slot, Object.keys(entries));
  return Object.fromEntries(
    Object.entries(entries).map(([key, value]) => [
      keyOf(key),
      Buffer.from(value.expose()).toString('base64'),
    ]),
  );
}

function managerOf(keys: readonly string[]): string {
  const set = JSON.stringify([...keys].sort());
  return `rekey-${createHash('sha256').update(set).digest('hex').slice(0, 16)}`;
}
