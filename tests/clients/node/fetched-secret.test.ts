import { afterEach, expect, test } from 'vitest';
import { fetchedSecret } from '#clients/node/fetched-secret.mjs';
import { rotatingSecret } from '#clients/node/rotating-secret.mjs';

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

/**
 * A Rekey that answers as told, one after the other, and keeps the last question waiting until it is given up. Reports
 * are answered apart from questions.
 */
function rekey(answers: readonly (Response | Error)[], toReports: readonly (Response | Error)[] = []) {
  const asked: Asked[] = [];
  const reported: string[] = [];
  const ask = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const body = await request.text();
    const isReport = request.url.endsWith('/reports');
    const answer = isReport ? toReports[reported.length] : answers[asked.length];
    if (isReport) reported.push(body);
    else asked.push({ url: request.url, headers: request.headers, body });
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
  return { secret, asked, reported, waiting };
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

const accepted = () => Response.json({ version: 'v1' });
const refused = (status: number) => new Response('no', { status });

test('a report names the version that is used, and is sent once where it arrives', async () => {
  const { secret, reported } = rekey([served('v1', 'one')], [accepted()]);
  await secret.report({ versionId: 'v1', slot: 'primary' });
  expect(reported).toEqual(['{"version":"v1"}']);
});

test.each([
  ['is lost', () => new Error('reset')],
  ['has an access token that is no longer good', () => refused(401)],
  ['is one too many', () => refused(429)],
  ['comes while Rekey is away', () => refused(503)],
])('a report that %s is sent again without another use of the secret', async (_what, answer) => {
  const { secret: fetched, reported } = rekey([served('v1', 'one')], [answer(), accepted()]);
  const secret = rotatingSecret({ read: fetched.read, report: fetched.report });
  await secret.use(() => Promise.resolve('used'));
  await expect.poll(() => reported, { timeout: 20_000 }).toEqual(['{"version":"v1"}', '{"version":"v1"}']);
});

test('a report that is refused for good is not sent again, and whoever made it is told', async () => {
  const { secret, reported } = rekey([served('v1', 'one')], [refused(409), accepted()]);
  await expect(secret.report({ versionId: 'v1', slot: 'primary' })).rejects.toMatchObject({ status: 409 });
  expect(reported).toHaveLength(1);
});

test('a report is sent no more once another version is reported, or all is closed', async () => {
  const { secret, reported } = rekey([served('v1', 'one')], [refused(503), accepted()]);
  const first = secret.report({ versionId: 'v1', slot: 'primary' });
  await expect.poll(() => reported).toHaveLength(1);
  await secret.report({ versionId: 'v2', slot: 'primary' });
  await first;
  expect(reported).toEqual(['{"version":"v1"}', '{"version":"v2"}']);
  const waiting = secret.report({ versionId: 'v3', slot: 'primary' });
  await expect.poll(() => reported).toHaveLength(3);
  await secret.close();
  await waiting;
  expect(reported).toHaveLength(3);
});
