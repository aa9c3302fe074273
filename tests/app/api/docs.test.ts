import fs from 'node:fs';
import { expect, test } from 'vitest';
import { BODY_BYTES } from '#app/_doors/api/body.ts';
import { findRoute } from '#app/_doors/api/find-route.ts';
import { drawDocument } from '#app/_doors/api/openapi.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { requestLimit } from '#core/access/request-limit.ts';
import { makeClient } from '#tests/app/api/client.ts';

const page = fs.readFileSync('docs/api.md', 'utf8');

/** Every curl command of the page that calls the API, on one line each. */
const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
  .filter((line) => line.includes('/api/v1/'));

function read(command: string) {
  const url = new URL(/https:\/\/rekey\.example\.com[^\s']+/.exec(command)?.[0] ?? '');
  const body = / -d '([^']*)'/.exec(command)?.[1];
  const headers = [...command.matchAll(/-H ["']([\w-]+): ([^"']*)["']/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
  return {
    method: / -X (\w+)/.exec(command)?.[1] ?? (body === undefined ? 'GET' : 'POST'),
    path: url.pathname.replace('/api/v1', ''),
    query: Object.fromEntries(url.searchParams),
    body: body === undefined ? undefined : JSON.parse(body),
    headers: Object.fromEntries(headers) as Record<string, string>,
  };
}

test('the page has examples', () => {
  expect(commands.length).toBeGreaterThanOrEqual(10);
});

test.each(commands)('%s is a request that the API knows', async (command) => {
  const { method, path, query, body, headers } = read(command);
  const { Authorization, 'Content-Type': type, ...rest } = headers;
  expect(Authorization).toBe('Bearer $TOKEN');
  expect(type).toBe(body === undefined ? undefined : 'application/json');
  const { route, params } = findRoute(routes, method, path);
  let sent = 0;
  const call = makeClient(drawDocument(routes, 'https://rekey.example.com'), async () => {
    sent += 1;
    throw new Error('sent');
  });
  await expect(call(route.operationId, { path: params, query, body, headers: rest })).rejects.toThrow('sent');
  expect(sent).toBe(1);
  if (route.body !== undefined) expect(route.body.safeParse(body).error).toBeUndefined();
  if (route.query !== undefined) expect(route.query.safeParse(query).error).toBeUndefined();
});

test('the figures of the page are those of the code', () => {
  expect(page).toContain(`${BODY_BYTES / 1024 / 1024} MiB at most`);
  expect(page).toContain(`${requestLimit.requests} requests in a minute`);
  expect(requestLimit.seconds).toBe(60);
});
