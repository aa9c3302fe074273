import { afterEach, expect, test } from 'vitest';
import { kubernetes } from '#connectors/targets/kubernetes.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';
import { failure } from '../../support/failure.ts';
import { base64, endRollouts, type FakeCluster, failed, fakeCluster } from '../worlds/kubernetes.ts';

const fakes: FakeCluster[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.api.close();
});

async function cluster(change: object = {}) {
  const fake = await fakeCluster();
  fakes.push(fake);
  const config = kubernetes.config.parse({ server: fake.api.url, token: fake.token });
  const place = kubernetes.place.parse({ namespace: 'prod', secret: 'app', workload: 'web', ...change });
  const data = () => fake.secrets.get(`prod/${place.secret}`)?.data;
  return { fake, call: callWith(config, place), data };
}

const text = (value: string) => new Plaintext(value);
const entries = { SECRET: text('new') };
const connector = kubernetes as Required<typeof kubernetes>;

test('two bindings of one Secret and both slots never take each other’s keys away', async () => {
  const { call, data } = await cluster();
  await kubernetes.deliver(call, { A_ID: text('a'), A_SECRET: text('1') }, 'primary');
  await kubernetes.deliver(call, { B_SECRET: text('2') }, 'primary');
  await kubernetes.deliver(call, { A_ID: text('a'), A_SECRET: text('3') }, 'next');
  await kubernetes.deliver(call, { B_SECRET: text('4') }, 'next');
  await kubernetes.deliver(call, { A_ID: text('a'), A_SECRET: text('3') }, 'primary');
  await connector.remove(call, ['A_ID', 'A_SECRET'], 'next');
  expect(data()).toEqual({
    OTHER: base64('1'),
    SECRET: base64('old'),
    A_ID: base64('a'),
    A_SECRET: base64('3'),
    B_SECRET: base64('2'),
    B_SECRET_NEXT: base64('4'),
  });
});

test('a next key is taken away although it was applied together with others', async () => {
  const { call, data } = await cluster();
  await kubernetes.deliver(call, { A: text('1'), B: text('2') }, 'next');
  await connector.remove(call, ['A'], 'next');
  expect(Object.keys(data() ?? {})).toEqual(['OTHER', 'SECRET', 'B_NEXT']);
});

test('a key that another manager applied is taken over, and its siblings stay with that one', async () => {
  const { fake, call } = await cluster();
  await kubernetes.deliver(call, entries, 'primary');
  const owners = fake.secrets.get('prod/app')?.owners;
  expect(owners?.get('kubectl-client-side-apply')).toEqual(new Set(['OTHER']));
});

test('a Secret that is missing is made, and removing from it is done already', async () => {
  const { call, data } = await cluster({ secret: 'fresh' });
  expect(await kubernetes.confirm(call, entries, 'primary')).toBe('pending');
  await connector.remove(call, ['SECRET'], 'next');
  await kubernetes.deliver(call, entries, 'primary');
  expect(data()).toEqual({ SECRET: base64('new') });
});

test('check names every right that the token lacks, on the Secret and on the workload', async () => {
  const { fake, call } = await cluster();
  fake.denied.add('patch secrets').add('patch deployments');
  const error = await failure(() => kubernetes.check(call));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toContain(
    'The token lacks `patch` on secrets/app, `patch` on deployments/web in the namespace prod.',
  );
});

test('the right to create is asked for only where the Secret does not exist', async () => {
  const { fake, call } = await cluster();
  fake.denied.add('create secrets');
  await kubernetes.check(call);
  const fresh = { ...call, place: { ...call.place, secret: 'fresh' } };
  expect((await failure(() => kubernetes.check(fresh))).message).toContain('lacks `create` on secrets in');
});

test('a refused write names the verb and the object', async () => {
  const { fake, call } = await cluster();
  fake.denied.add('patch secrets');
  for (const act of [
    () => kubernetes.deliver(call, entries, 'primary'),
    () => connector.remove(call, ['SECRET'], 'next'),
  ]) {
    const error = await failure(act);
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toContain('The token lacks `patch` on secrets/app in the namespace prod.');
  }
});

test('check refuses a workload that is missing, paused or restarted only by deleting its pods', async () => {
  const { fake, call } = await cluster();
  const web = fake.workloads.get('deployments/web');
  if (web === undefined) throw new Error('no deployment');
  web.spec = { replicas: 2, paused: true };
  expect((await failure(() => kubernetes.check(call))).message).toContain('its rollout is paused');
  expect((await failure(() => connector.redeploy(call))).retry).toBe('never');
  web.spec = { updateStrategy: { type: 'OnDelete' } };
  expect((await failure(() => kubernetes.check(call))).message).toContain('OnDelete');
  fake.workloads.clear();
  expect((await failure(() => kubernetes.check(call))).retry).toBe('never');
});

test('a place without a workload restarts nothing', async () => {
  const { call } = await cluster({ workload: undefined });
  await kubernetes.check(call);
  expect(kubernetes.can(call.config, call.place).redeploy).toBe('none');
  expect((await failure(() => connector.redeploy(call))).retry).toBe('never');
});

test('a restart changes one annotation of the pod template', async () => {
  const { fake, call } = await cluster();
  expect(JSON.parse(await connector.redeploy(call))).toEqual({ generation: 2 });
  const patch = fake.api.asked.at(-1);
  expect(patch?.headers['content-type']).toBe('application/strategic-merge-patch+json');
  expect(patch?.body).toEqual({
    spec: {
      template: {
        metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': expect.stringMatching(/^\d{4}-/) } },
      },
    },
  });
});

const settled = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 };

test.each([
  ['Deployment', 'web', { ...settled, updatedReplicas: 1 }, 'running'],
  ['Deployment', 'web', { ...settled, replicas: 3 }, 'running'],
  ['Deployment', 'web', { ...settled, availableReplicas: 1 }, 'running'],
  ['Deployment', 'web', settled, 'done'],
  ['StatefulSet', 'db', { readyReplicas: 1, updateRevision: 'b', currentRevision: 'b' }, 'running'],
  ['StatefulSet', 'db', { ...settled, updateRevision: 'b', currentRevision: 'a' }, 'running'],
  ['StatefulSet', 'db', { ...settled, updateRevision: 'b', currentRevision: 'b' }, 'done'],
  [
    'DaemonSet',
    'agent',
    { desiredNumberScheduled: 3, updatedNumberScheduled: 2, numberAvailable: 3 },
    'running',
  ],
  [
    'DaemonSet',
    'agent',
    { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 },
    'running',
  ],
  [
    'DaemonSet',
    'agent',
    { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 },
    'done',
  ],
] as const)('the rollout of a %s (%s) with %j is %s', async (workloadKind, workload, status, state) => {
  const { fake, call } = await cluster({ workloadKind, workload });
  const ref = await connector.redeploy(call);
  expect(await connector.redeployState(call, ref)).toBe('running');
  endRollouts(fake, true);
  const there = fake.workloads.get(`${workloadKind.toLowerCase()}s/${workload}`);
  Object.assign(there?.status ?? {}, status);
  expect(await connector.redeployState(call, ref)).toBe(state);
});

test('a StatefulSet whose partition keeps pods with the old Secret is no workload to restart, and never done', async () => {
  const { fake, call } = await cluster({ workloadKind: 'StatefulSet', workload: 'db' });
  const db = fake.workloads.get('statefulsets/db');
  const partitioned = (partition: number) => ({
    replicas: 3,
    updateStrategy: { rollingUpdate: { partition } },
  });
  if (db) db.spec = partitioned(1);
  expect(await failure(() => connector.check(call))).toMatchObject({
    retry: 'never',
    message: expect.stringContaining('has a partition of 1'),
  });
  if (db) db.spec = partitioned(0);
  await connector.check(call);
  const ref = await connector.redeploy(call);
  endRollouts(fake, true);
  if (db) db.spec = partitioned(1);
  const revisions = { updateRevision: 'b', currentRevision: 'a' };
  Object.assign(db?.status ?? {}, { readyReplicas: 3, updatedReplicas: 2, ...revisions });
  expect(await connector.redeployState(call, ref)).toBe('running');
  Object.assign(db?.status ?? {}, { updatedReplicas: 3 });
  expect(await connector.redeployState(call, ref)).toBe('done');
});

test('what the controller said of an older rollout is no answer for this one', async () => {
  const { fake, call } = await cluster();
  endRollouts(fake, false);
  const ref = await connector.redeploy(call);
  expect(await connector.redeployState(call, ref)).toBe('running');
});

test('an immutable Secret is never, and says so', async () => {
  const { fake, call } = await cluster();
  Object.assign(fake.secrets.get('prod/app') ?? {}, { immutable: true });
  const error = await failure(() => kubernetes.deliver(call, entries, 'primary'));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('secrets/app cannot be changed: it is immutable.');
});

test('a key that no Secret can have is refused before anything is sent', async () => {
  const { fake, call } = await cluster();
  const error = await failure(() => kubernetes.deliver(call, { 'A B': text('1') }, 'primary'));
  expect(error.retry).toBe('never');
  expect(error.message).toContain('"A B"');
  expect(fake.api.asked).toHaveLength(0);
});

test('a conflict with others at the same moment is later and names the Secret', async () => {
  const { fake, call } = await cluster();
  fake.api.trouble = () => failed(409, 'Conflict', 'the object has been modified');
  const error = await failure(() => kubernetes.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'later', because: 'conflict' });
  expect(error.message).toContain('secrets/app in the namespace prod');
});

test('a lost answer is later, because applying again is harmless', async () => {
  const { fake, call, data } = await cluster();
  fake.api.trouble = () => 'cut after';
  expect((await failure(() => kubernetes.deliver(call, entries, 'primary'))).retry).toBe('later');
  expect((await failure(() => connector.redeploy(call))).retry).toBe('later');
  fake.api.trouble = () => undefined;
  await kubernetes.deliver(call, entries, 'primary');
  expect(data()?.SECRET).toBe(base64('new'));
});

test('too many requests is later, when the API server says', async () => {
  const { fake, call } = await cluster();
  fake.api.trouble = () => failed(429, 'TooManyRequests', 'too many requests', { 'retry-after': '1' });
  const error = await failure(() => kubernetes.deliver(call, entries, 'primary'));
  expect(error).toMatchObject({ retry: 'later', retryAfterSeconds: 1 });
});

test('an answer of another form is never and names the field', async () => {
  const { fake, call } = await cluster();
  fake.api.trouble = () => ({ status: 200, body: { data: ['a'] } });
  expect((await failure(() => kubernetes.confirm(call, entries, 'primary'))).message).toContain('`data`');
  fake.api.trouble = () => ({ status: 200, body: { metadata: {} } });
  expect((await failure(() => connector.redeployState(call, '{"generation":1}'))).message).toContain(
    '`metadata.generation`',
  );
  expect((await failure(() => connector.redeployState(call, 'odd'))).retry).toBe('never');
});
