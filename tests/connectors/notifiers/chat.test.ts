import { afterEach, expect, test } from 'vitest';
import { chat } from '#connectors/notifiers/chat.ts';
import { callWith } from '../../support/call.ts';
import { type Loopback, loopback } from '../../support/loopback.ts';
import { someNotices } from './notices.ts';

const open: Loopback[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function world(
  service: 'slack' | 'teams',
  answer: { status: number; headers?: Record<string, string> },
) {
  const bodies: string[] = [];
  const server = await loopback(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    response.writeHead(answer.status, answer.headers).end('ok');
  });
  open.push(server);
  const config = chat.config.parse({ service, url: `${server.url}/services/T0/B0/sample-webhook-key` });
  return { bodies, call: callWith(config, null) };
}

test('Slack gets one block for each notice, with a link, and what it would read as marks escaped', async () => {
  const { bodies, call } = await world('slack', { status: 200 });
  await chat.send(call, someNotices(2));
  const message = JSON.parse(bodies[0] ?? '');
  expect(message.text).toBe('2 things to look at, the first: The rotation of fleet-0 is held');
  expect(message.blocks).toHaveLength(2);
  expect(message.blocks[1].text.text).toBe(
    '*<https://rekey.example/rotations/1|The rotation of fleet-1 is held>*\nThe issuer &lt;refuses&gt; &amp; says no.',
  );
});

test('Teams gets an adaptive card', async () => {
  const { bodies, call } = await world('teams', { status: 202 });
  await chat.send(call, someNotices(1));
  const { content, contentType } = JSON.parse(bodies[0] ?? '').attachments[0];
  expect(contentType).toBe('application/vnd.microsoft.card.adaptive');
  expect(content.body.map(({ text }: { text: string }) => text)).toEqual([
    'The rotation of fleet-0 is held',
    'The issuer <refuses> & says no.',
    '[Open in Rekey](https://rekey.example/rotations/0)',
  ]);
});

test('a removed webhook is never, a limit is later with its time, and its address is in no error', async () => {
  for (const [status, retry] of [
    [404, 'never'],
    [403, 'never'],
    [429, 'later'],
  ] as const) {
    const { call } = await world('slack', { status, headers: { 'retry-after': '7' } });
    const error = await chat.send(call, someNotices(1)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ retry, ...(status === 429 && { retryAfterSeconds: 7 }) });
    expect(String(error)).not.toContain('sample-webhook-key');
  }
});
