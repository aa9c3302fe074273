import { afterEach, expect, test } from 'vitest';
import { fetchedSecret } from '#clients/node/fetched-secret.mjs';

const keys = { clientSecret: 'SECRET' };
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

interface Asked {
  url: string;
  headers: Headers;
  body: string;
}

/** A Rekey that answers as told, one after the other, and keeps the last question waiting until it is given up. */
function rekey(answers: readonly (Response | Error)[]) {
  const asked: Asked[] = [];
  const ask = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const answer = answers[asked.length];
    asked.push({ url: request.url, headers: request.headers, body: await request.text() });
    if (answer instanceof Error) throw answer;
    if (answer !== undefined) return answer;
    return new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new Error('given up')));
    });
  };
  const secret = fetchedSecret({
    url: 'http://rekey.test/api/v1/bindings/b1',
    token: () => 'T',
    keys,
    fetch: ask,
  });
  open.push(secret);
  const waiting = () => expect.poll(() => asked.length, { timeout: 20_000 }).toBe(answers.length + 1);
  return { secret, asked, waiting };
}

function served(version: string, value: string, next?: string): Response {
  const beside = next === undefined ? {} : { next: { version: 'v-next', entries: { SECRET: next } } };
  const body = { version, entries: { SECRET: value }, ...beside };
  return Response.json(body, { headers: { etag: `"${version}"` } });
}

test('the first question does not wait, and those after it wait for another version than the one that is there', async () => {
  const { secret, asked, waiting } = rekey([served('v1', 'one'), new Response(null, { status: 304 })]);
  expect(await secret.read()).toEqual({ primary: { clientSecret: 'one', versionId: 'v1' }, next: null });
  await waiting();
  expect(asked.map(({ url }) => new URL(url).search)).toEqual(['?wait=0', '?wait=30', '?wait=30']);
  expect(asked.map(({ headers }) => headers.get('if-none-match'))).toEqual([null, '"v1"', '"v1"']);
  expect(asked[0]?.headers.get('authorization')).toBe('Bearer T');
});

test('a new version, and a next one beside it, are handed out once they were fetched', async () => {
  const { secret, waiting } = rekey([served('v1', 'one'), served('v2', 'two', 'three')]);
  await waiting();
  expect(await secret.read()).toEqual({
    primary: { clientSecret: 'two', versionId: 'v2' },
    next: { clientSecret: 'three', versionId: 'v-next' },
  });
});

test('what was fetched last stays in use while Rekey does not answer', async () => {
  const broken = new Response('no', { status: 503 });
  const { secret, asked, waiting } = rekey([served('v1', 'one'), new Error('reset'), broken]);
  await waiting();
  expect(asked).toHaveLength(4);
  expect(await secret.read()).toMatchObject({ primary: { clientSecret: 'one' } });
});

test('whoever reads before anything was fetched is told why there is nothing, without a value', async () => {
  const refused = () => new Response('{"code":"no_consumer"}', { status: 403 });
  const { secret } = rekey([refused(), refused(), refused()]);
  await expect(secret.read()).rejects.toMatchObject({ status: 403, message: 'Rekey answered 403.' });
});

test('a binding without a key that the application needs is named', async () => {
  const other = Response.json({ version: 'v1', entries: { OTHER: 'canary' } });
  const { secret } = rekey([other, other.clone(), other.clone()]);
  const error: unknown = await secret.read().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ missingKey: 'SECRET' });
  expect(String(error)).not.toContain('canary');
});

test('a report names the version that is used', async () => {
  const { secret, asked, waiting } = rekey([served('v1', 'one')]);
  await waiting();
  const reported = secret.report({ versionId: 'v1', slot: 'primary' }).catch(() => undefined);
  await expect.poll(() => asked.length).toBe(3);
  expect(asked[2]).toMatchObject({
    url: 'http://rekey.test/api/v1/bindings/b1/reports',
    body: '{"version":"v1"}',
  });
  await secret.close();
  await reported;
});
