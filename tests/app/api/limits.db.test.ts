import { beforeAll, expect, test } from 'vitest';
import { dispatch } from '#app/_doors/api/dispatch.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { apiActor } from '#app/_doors/api-actor.ts';
import { system } from '#core/access/actor.ts';
import { changeApiClient } from '#core/clients/change-api-client.ts';
import { requestOf } from '#tests/app/api/ask.ts';
import { accessToken, makeApiClient } from '#tests/support/api-clients.ts';
import { type LimitedWorld, limitedWorld } from '#tests/support/limited-world.ts';
import { auditBodies } from '#tests/support/users.ts';

const server = system('test');

let inside: LimitedWorld;
let outside: LimitedWorld;

beforeAll(async () => {
  inside = await limitedWorld('billing', 'production', ['payments']);
  outside = await limitedWorld('reports', 'staging', ['reporting']);
});

async function ask(clientId: string, method: string, path: string, body?: unknown) {
  const authorization = `Bearer ${await accessToken({ clientId })}`;
  const request = requestOf(method, path, { body, headers: { authorization } });
  const answer = await dispatch({ routes, actorOf: apiActor }, request);
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

const namesOf = async (clientId: string) => {
  const { body } = await ask(clientId, 'GET', '/credentials');
  return body.items.map(({ name }: { name: string }) => name);
};

test.each([
  ['an environment', { environments: ['production'], labels: [] }],
  ['a label', { environments: [], labels: ['payments'] }],
])(
  'a client that is limited to %s reaches nothing outside of that, from the next call on',
  async (_what, limits) => {
    const { id, name } = await makeApiClient('operator');
    expect(await namesOf(id)).toEqual(['billing', 'reports']);
    await changeApiClient(server, { clientId: id, name, role: 'operator', ...limits });
    expect(await namesOf(id)).toEqual(['billing']);
    expect((await ask(id, 'GET', `/credentials/${inside.credentialId}`)).status).toBe(200);
    for (const path of [
      `/credentials/${outside.credentialId}`,
      `/rotations/${outside.rotationId}`,
      `/bindings/${outside.bindingId}`,
    ]) {
      expect(await ask(id, 'GET', path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    const rotate = `/credentials/${outside.credentialId}/rotations`;
    expect(await ask(id, 'POST', rotate, {})).toMatchObject({ status: 404 });
    const ignore = `/findings/${outside.findingId}/ignore`;
    expect(await ask(id, 'POST', ignore, { reason: 'x' })).toMatchObject({ status: 404 });
  },
);

test('limits that a change leaves out stay, an empty list takes them away, and the audit tells of both', async () => {
  const { id, name } = await makeApiClient('operator');
  const wish = { clientId: id, name, role: 'operator' } as const;
  await changeApiClient(server, { ...wish, environments: ['production'] });
  await changeApiClient(server, { ...wish, role: 'viewer' });
  expect(await namesOf(id)).toEqual(['billing']);
  await changeApiClient(server, { ...wish, environments: [] });
  expect(await namesOf(id)).toEqual(['billing', 'reports']);
  const told = (await auditBodies('api_client.changed')).filter((body) => body.id === id);
  expect(told.map(({ changes }) => changes)).toEqual([
    [{ field: 'environments', from: '', to: 'production' }],
    [{ field: 'role', from: 'operator', to: 'viewer' }],
    [
      { field: 'role', from: 'viewer', to: 'operator' },
      { field: 'environments', from: 'production', to: '' },
    ],
  ]);
});

test('an admin client is not limited, and a limited one becomes no admin', async () => {
  const refused = { status: 409, code: 'admin_not_limited' };
  const admin = await makeApiClient('admin');
  const limits = { environments: ['production'], labels: [] };
  await expect(
    changeApiClient(server, { clientId: admin.id, name: admin.name, role: 'admin', ...limits }),
  ).rejects.toMatchObject(refused);
  const { id, name } = await makeApiClient('operator');
  await changeApiClient(server, { clientId: id, name, role: 'operator', ...limits });
  await expect(changeApiClient(server, { clientId: id, name, role: 'admin' })).rejects.toMatchObject(refused);
});
