import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import { webhook } from '#connectors/notifiers/webhook.ts';
import { callWith } from '../../support/call.ts';
import { loopback } from '../../support/loopback.ts';
import { someNotices } from './notices.ts';

const key = Buffer.alloc(32, 7).toString('base64');

test('every notice arrives in full, signed, and the same notices have the same id', async () => {
  const got: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = await loopback(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    got.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
  const config = webhook.config.parse({ url: `${server.url}/notices`, signingSecret: `whsec_${key}` });
  await webhook.send(callWith(config, null), someNotices(30));
  await webhook.send(callWith(config, null), someNotices(30));
  await webhook.send(callWith(config, null), someNotices(1));
  await server.close();
  const [first, again, other] = got;
  const id = first?.headers['webhook-id'];
  const signed = `${id}.${first?.headers['webhook-timestamp']}.${first?.body}`;
  const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(signed).digest('base64');
  expect(first?.headers['webhook-signature']).toBe(`v1,${expected}`);
  expect(again?.headers['webhook-id']).toBe(id);
  expect(other?.headers['webhook-id']).not.toBe(id);
  const { type, data } = JSON.parse(first?.body ?? '');
  expect(type).toBe('notices.sent');
  expect(data.notices).toHaveLength(30);
});
