import { expect, test } from 'vitest';
import { dispatch } from '#app/_doors/api/dispatch.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { apiActor } from '#app/_doors/api-actor.ts';
import { listViews } from '#core/evidence/list-views.ts';
import { newId } from '#lib/new-id.ts';
import { ask, requestOf } from '#tests/app/api/ask.ts';
import { accessToken, makeApiClient } from '#tests/support/api-clients.ts';
import { limitedActor } from '#tests/support/limited-world.ts';

const operator = { id: newId(), role: 'operator' } as const;
const another = { id: newId(), role: 'operator' } as const;

const saved = { list: 'audit', name: 'Failures', query: 'outcome:failure  action:rotation.*' };

test('a program saves a question, which people see in the console, renames it and removes it', async () => {
  const made = await ask('POST', '/views', { caller: operator, body: saved });
  expect(made).toMatchObject({
    status: 201,
    body: { list: 'audit', name: 'Failures', by: { id: operator.id, name: `client ${operator.id}` } },
  });
  const path = `/views/${made.body.id}`;
  expect(made.headers.get('location')).toBe(`/api/v1${path}`);
  expect(await listViews(limitedActor(undefined), { list: 'audit' })).toMatchObject([{ name: 'Failures' }]);
  const renamed = await ask('PUT', path, { caller: operator, body: { name: 'What failed' } });
  expect(renamed).toMatchObject({ status: 200, body: { name: 'What failed', query: made.body.query } });
  expect((await ask('GET', path)).body).toEqual(renamed.body);
  expect((await ask('DELETE', path, { caller: operator })).status).toBe(204);
  expect((await ask('GET', path)).status).toBe(404);
});

test('a view that was renamed meanwhile is left alone, and of names given at the same moment on the same ground one is taken', async () => {
  const { body } = await ask('POST', '/views', { body: { ...saved, name: 'First' } });
  const path = `/views/${body.id}`;
  const etagOf = async () => (await ask('GET', path)).headers.get('etag') ?? '';
  const rename = (name: string, etag: string) =>
    ask('PUT', path, { body: { name }, headers: { 'if-match': etag } });
  const old = await etagOf();
  const renamed = await rename('Second', old);
  expect({ status: renamed.status, etag: renamed.headers.get('etag') }).toEqual({
    status: 200,
    etag: await etagOf(),
  });
  for (const name of ['Third', 'Second']) {
    expect(await rename(name, old)).toMatchObject({ status: 412, body: { code: 'changed_meanwhile' } });
  }
  const now = await etagOf();
  const answers = await Promise.all(['A', 'B', 'C', 'D'].map((name) => rename(name, now)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  expect((await ask('DELETE', path)).status).toBe(204);
});

test('the same request again under its key saves no second one', async () => {
  const headers = { 'Idempotency-Key': 'view-1' };
  const body = { list: 'credentials', name: 'Overdue', query: 'state=overdue&environment=all' };
  const first = await ask('POST', '/views', { body, headers });
  const again = await ask('POST', '/views', { body, headers });
  expect(first.status).toBe(201);
  expect(again.body).toEqual(first.body);
  expect(await ask('POST', '/views', { body })).toMatchObject({ status: 409, body: { code: 'name_taken' } });
});

test('an auditor’s client saves, renames and removes views with rekey:write, and with rekey:read it only looks', async () => {
  const { id: clientId } = await makeApiClient('auditor');
  const send = async (scope: string, method: string, path: string, body?: unknown) => {
    const authorization = `Bearer ${await accessToken({ clientId, scope })}`;
    const request = requestOf(method, path, { body, headers: { authorization } });
    const answer = await dispatch({ routes, actorOf: apiActor }, request);
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
  };
  const wish = { ...saved, name: 'An auditor’s' };
  const made = await send('rekey:read rekey:write', 'POST', '/views', wish);
  expect(made.status).toBe(201);
  const path = `/views/${made.body.id}`;
  for (const [method, at, body] of [
    ['POST', '/views', { ...saved, name: 'Another' }],
    ['PUT', path, { name: 'Renamed' }],
    ['DELETE', path, undefined],
  ] as const) {
    expect(await send('rekey:read', method, at, body)).toMatchObject({
      status: 403,
      body: { code: 'role_missing', detail: expect.stringContaining('rekey:write') },
    });
  }
  expect(await send('rekey:read', 'GET', path)).toMatchObject({
    status: 200,
    body: { name: 'An auditor’s' },
  });
  expect((await send('rekey:read rekey:write', 'DELETE', path)).status).toBe(204);
});

test('each list has its own views, and without a list all are told', async () => {
  await ask('POST', '/views', { body: { ...saved, name: 'Of the log' } });
  const names = async (query: string) =>
    ((await ask('GET', `/views${query}`)).body.items as { list: string; name: string }[]).map(
      ({ list, name }) => `${list} ${name}`,
    );
  expect(await names('?list=audit')).toEqual(['audit Of the log']);
  expect(await names('?list=credentials')).toEqual(['credentials Overdue']);
  expect((await names('')).sort()).toEqual(['audit Of the log', 'credentials Overdue']);
});

test('another client changes no view that is not its own, and what is not understood is not saved', async () => {
  const { body } = await ask('POST', '/views', { caller: operator, body: { ...saved, name: 'Mine' } });
  const refused = { status: 403, body: { code: 'not_yours' } };
  const path = `/views/${body.id}`;
  expect(await ask('PUT', path, { caller: another, body: { name: 'Yours' } })).toMatchObject(refused);
  expect(await ask('DELETE', path, { caller: another })).toMatchObject(refused);
  expect((await ask('PUT', path, { body: { name: 'An admin may' } })).status).toBe(200);
  for (const query of ['', 'nonsense=1', 'environment=all']) {
    const wish = { list: 'credentials', name: 'Odd', query };
    expect(await ask('POST', '/views', { body: wish })).toMatchObject({
      status: 422,
      body: { code: 'bad_query' },
    });
  }
});
