import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { kubernetes } from '#connectors/targets/kubernetes.ts';
import { createGuard } from '#lib/guard.ts';
import { createHttp } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { fakeSurfaceScout } from '#tests/fakes/surfacescout.ts';
import { callWith } from '#tests/support/call.ts';
import { failure } from '#tests/support/failure.ts';
import { rotateFully } from './rotate-fully.ts';
import { type Cluster, startKubernetes } from './servers/kubernetes.ts';
import { withServer } from './servers.ts';

const connector = kubernetes as Required<typeof kubernetes>;
const secrets = '/api/v1/namespaces/prod/secrets';
const deployment = '/apis/apps/v1/namespaces/prod/deployments/web';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const text = (value: string) => new Plaintext(value);

const held = z.object({ data: z.record(z.string(), z.string()).default({}) });
const rollout = z.object({
  metadata: z.object({ generation: z.number() }),
  status: z.object({ observedGeneration: z.number().optional() }),
});

async function dataOf(cluster: Cluster, name: string): Promise<Record<string, string>> {
  const { data } = held.parse(await cluster.ask('GET', `${secrets}/${name}`));
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}

/** A service account's own token, with a role that grants these rules. */
async function tokenOf(cluster: Cluster, name: string, rules: readonly object[]): Promise<string> {
  const accounts = '/api/v1/namespaces/prod/serviceaccounts';
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/prod';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const subjects = [{ kind: 'ServiceAccount', name, namespace: 'prod' }];
  await cluster.ask('POST', accounts, { metadata: { name } });
  await cluster.ask('POST', `${rbac}/roles`, { metadata: { name }, rules });
  await cluster.ask('POST', `${rbac}/rolebindings`, { metadata: { name }, roleRef, subjects });
  const made = await cluster.ask('POST', `${accounts}/${name}/token`, { spec: {} });
  return z.object({ status: z.object({ token: z.string() }) }).parse(made).status.token;
}

const aDeployment = (name: string) => ({
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'app' }] },
    },
  },
});

const rules = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'patch', 'create'] },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch'] },
];

/** Plays the controller: writes the status of a rollout that ended. */
async function endRollout(cluster: Cluster, well: boolean): Promise<void> {
  const { metadata } = rollout.parse(await cluster.ask('GET', deployment));
  const counts = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
  const reason = well ? 'NewReplicaSetAvailable' : 'ProgressDeadlineExceeded';
  const conditions = [{ type: 'Progressing', status: well ? 'True' : 'False', reason }];
  const status = { observedGeneration: metadata.generation, ...counts, conditions };
  await cluster.ask('PATCH', `${deployment}/status`, { status });
}

await withServer('Kubernetes', startKubernetes, (cluster) => {
  let token = '';

  beforeAll(async () => {
    await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'prod' } });
    await cluster.ask('POST', deployment.replace('/web', ''), aDeployment('web'));
    token = await tokenOf(cluster, 'rekey', rules);
  });

  function callOf(place: object, signIn = token) {
    const config = kubernetes.config.parse({ server: cluster.server, ca: cluster.ca, token: signIn });
    const http = createHttp({ guard: createGuard({ allowHosts: ['127.0.0.1'] }), ca: cluster.ca });
    return callWith(config, kubernetes.place.parse({ namespace: 'prod', ...place }), { http });
  }

  test('two rotations through the engine reach the Secret, restart the workload and keep the siblings', async () => {
    await cluster.ask('POST', secrets, { metadata: { name: 'app' }, data: { OTHER: base64('kept') } });
    const scout = await fakeSurfaceScout({ maxLive: 2, clientId: 'app' });
    const first = scout.live.get('first')?.value ?? '';
    const { clientId, maxLive, readBack } = scout.behaviour;
    const { metadata: before } = rollout.parse(await cluster.ask('GET', deployment));
    let restarts = 0;
    const controller = setInterval(() => {
      const look = async () => {
        const { metadata, status } = rollout.parse(await cluster.ask('GET', deployment));
        if (metadata.generation === (status.observedGeneration ?? 0)) return;
        restarts += 1;
        await endRollout(cluster, true);
      };
      look().catch(() => undefined);
    }, 50);
    try {
      const current = await rotateFully({
        issuer: {
          kind: 'surfacescout',
          config: { baseUrl: scout.url, adminToken: scout.adminToken },
          place: { clientId, maxLive, readBack },
        },
        fields: { clientId, clientSecret: first },
        externalId: 'first',
        target: {
          kind: 'kubernetes',
          config: { server: cluster.server, ca: cluster.ca, token },
          place: { namespace: 'prod', secret: 'app', workload: 'web' },
          fields: { clientId: 'CLIENT_ID', clientSecret: 'CLIENT_SECRET' },
        },
      });
      expect([...scout.live.values()].map(({ value }) => value)).toEqual([current.clientSecret]);
      expect(await dataOf(cluster, 'app')).toEqual({
        OTHER: 'kept',
        CLIENT_ID: 'app',
        CLIENT_SECRET: current.clientSecret,
      });
      const { metadata } = rollout.parse(await cluster.ask('GET', deployment));
      expect(metadata.generation - before.generation).toBeGreaterThanOrEqual(2);
      expect(restarts).toBeGreaterThanOrEqual(2);
    } finally {
      clearInterval(controller);
      await scout.close();
    }
  });

  test('two bindings and both slots of one Secret never take each other’s keys away', async () => {
    const call = callOf({ secret: 'shared' });
    await kubernetes.check(call);
    await kubernetes.deliver(call, { A_ID: text('a'), A: text('1') }, 'primary');
    await kubernetes.deliver(call, { B: text('2') }, 'primary');
    await kubernetes.deliver(call, { A_ID: text('a'), A: text('3') }, 'next');
    await kubernetes.deliver(call, { B: text('4') }, 'next');
    await kubernetes.deliver(call, { A_ID: text('a'), A: text('3') }, 'primary');
    expect(await kubernetes.confirm(call, { B: text('4') }, 'next')).toBe('live');
    await connector.remove(call, ['A_ID', 'A'], 'next');
    await connector.remove(call, ['A_ID', 'A'], 'next');
    expect(await dataOf(cluster, 'shared')).toEqual({ A_ID: 'a', A: '3', B: '2', B_NEXT: '4' });
  });

  test('one manager for several bindings would have removed keys, which is why there is one per set', async () => {
    const apply = async (data: object) => {
      const call = callOf({ secret: 'single-manager' });
      const answer = await call.http.request({
        method: 'PATCH',
        url: `${cluster.server}${secrets}/single-manager?fieldManager=rekey&force=true`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/apply-patch+yaml' },
        body: JSON.stringify({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'single-manager' },
          data,
        }),
      });
      expect(answer.status).toBeLessThan(300);
    };
    await apply({ A: base64('1') });
    await apply({ B: base64('2') });
    expect(await dataOf(cluster, 'single-manager')).toEqual({ B: '2' });
  });

  test('a key that kubectl made is taken over, and applying the same again changes nothing', async () => {
    await cluster.ask('POST', secrets, { metadata: { name: 'taken' }, data: { A: base64('old'), B: '' } });
    const call = callOf({ secret: 'taken' });
    const version = async () =>
      z
        .object({ metadata: z.object({ resourceVersion: z.string() }) })
        .parse(await cluster.ask('GET', `${secrets}/taken`)).metadata.resourceVersion;
    await kubernetes.deliver(call, { A: text('new') }, 'primary');
    const before = await version();
    await kubernetes.deliver(call, { A: text('new') }, 'primary');
    await connector.remove(call, ['A'], 'next');
    expect(await version()).toBe(before);
    expect(await dataOf(cluster, 'taken')).toEqual({ A: 'new', B: '' });
  });

  test('a restart is running until the controller has seen it, and ends well or badly', async () => {
    const call = callOf({ secret: 'app', workload: 'web' });
    await kubernetes.check(call);
    for (const [well, end] of [
      [true, 'done'],
      [false, 'failed'],
    ] as const) {
      const ref = await connector.redeploy(call);
      expect(await connector.redeployState(call, ref)).toBe('running');
      await endRollout(cluster, well);
      expect(await connector.redeployState(call, ref)).toBe(end);
    }
  });

  test('check and a refused write name the right that the role leaves out', async () => {
    const reader = await tokenOf(cluster, 'reader', [
      { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch'] },
    ]);
    const call = callOf({ secret: 'app', workload: 'web' }, reader);
    const lacking = 'The token lacks `patch` on secrets/app in the namespace prod.';
    expect((await failure(() => kubernetes.check(call))).message).toContain(lacking);
    const error = await failure(() => kubernetes.deliver(call, { A: text('1') }, 'primary'));
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toContain(lacking);
    const wrong = await failure(() => kubernetes.check(callOf({ secret: 'app' }, 'wrong')));
    expect(wrong).toMatchObject({ retry: 'never', because: 'permission' });
  });

  test('an immutable Secret and a missing workload are named', async () => {
    const fixed = { metadata: { name: 'fixed' }, immutable: true, data: { A: base64('1') } };
    await cluster.ask('POST', secrets, fixed);
    const error = await failure(() =>
      kubernetes.deliver(callOf({ secret: 'fixed' }), { A: text('2') }, 'primary'),
    );
    expect(error.message).toContain('secrets/fixed cannot be changed: it is immutable.');
    const missing = callOf({ secret: 'app', workload: 'nobody' });
    expect((await failure(() => kubernetes.check(missing))).message).toContain('deployments/nobody');
  });
});
