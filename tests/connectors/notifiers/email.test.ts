import { afterEach, expect, test } from 'vitest';
import { email } from '#connectors/notifiers/email.ts';
import { certificate } from '../../fakes/loopback-tls.ts';
import { type FakeSmtp, fakeSmtp } from '../../fakes/smtp.ts';
import { callWith } from '../../support/call.ts';
import { someNotices } from './notices.ts';

const open: FakeSmtp[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function world(options: { startTls?: boolean } = {}, more: Record<string, unknown> = {}) {
  const server = await fakeSmtp(options);
  open.push(server);
  const config = email.config.parse({
    host: '127.0.0.1',
    port: server.port,
    security: options.startTls ? 'starttls' : 'none',
    from: 'rekey@example.test',
    to: ['ops@example.test', 'security@example.test'],
    ...more,
  });
  const resolve = async () => ({ address: '127.0.0.1', port: server.port, servername: 'target.test' });
  return { server, call: callWith(config, null, { resolve }) };
}

test('one message tells everyone of all notices, each with its cause and its page', async () => {
  const { server, call } = await world({}, { user: 'rekey', password: 'sample-password' });
  await email.send(call, someNotices(2));
  expect(server.messages).toHaveLength(1);
  const [message] = server.messages;
  expect(message).toMatchObject({
    from: 'rekey@example.test',
    to: ['ops@example.test', 'security@example.test'],
    user: 'rekey',
  });
  expect(message?.data).toContain('Subject: [Rekey] 2 things to look at, the first: The rotation of fleet-0');
  expect(message?.data).toContain('https://rekey.example/rotations/1');
  expect(message?.data).not.toContain('sample-password');
});

test('of a flood the first twenty are named, and how many more there are', async () => {
  const { server, call } = await world();
  await email.send(call, someNotices(23));
  expect(server.messages[0]?.data).toContain('fleet-19');
  expect(server.messages[0]?.data).not.toContain('fleet-20 ');
  expect(server.messages[0]?.data).toContain('And 3 more: see the console.');
});

test('with STARTTLS the server is checked against its authority and name, and nothing is sent in the open', async () => {
  const { server, call } = await world({ startTls: true }, { ca: certificate });
  await email.send(call, someNotices(1));
  expect(server.messages[0]?.encrypted).toBe(true);
  const untrusted = await world({ startTls: true });
  await expect(email.send(untrusted.call, someNotices(1))).rejects.toMatchObject({
    retry: expect.stringMatching(/never|later/),
  });
  expect(untrusted.server.messages).toEqual([]);
});

test('a server without STARTTLS is sent nothing where encryption is wanted', async () => {
  const { server, call } = await world({}, { security: 'starttls' });
  await expect(email.send(call, someNotices(1))).rejects.toMatchObject({ name: 'ConnectorError' });
  expect(server.messages).toEqual([]);
});

test('a refused sign-in is a matter of permission, and the password is in no error', async () => {
  const { server, call } = await world({}, { user: 'rekey', password: 'sample-password' });
  server.replies.set('AUTH', '535 no, not sample-password');
  const error = await email.send(call, someNotices(1)).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(String(error)).not.toContain('sample-password');
});

test('where one addressee is refused the others get the message, and the error says so', async () => {
  const { server, call } = await world();
  server.replies.set('RCPT TO:<SECURITY', '550 no such user');
  await expect(email.send(call, someNotices(1))).rejects.toMatchObject({
    retry: 'never',
    message: expect.stringContaining('refuses 1 of the addressees; the others have the message'),
  });
  expect(server.messages[0]?.to).toEqual(['ops@example.test']);
});

test('a refused addressee is never, a server that is busy is later', async () => {
  const { server, call } = await world();
  server.replies.set('RCPT', '550 no such user');
  await expect(email.send(call, someNotices(1))).rejects.toMatchObject({ retry: 'never' });
  server.replies.set('RCPT', '451 try again');
  await expect(email.send(call, someNotices(1))).rejects.toMatchObject({ retry: 'later' });
  await server.close();
  await expect(email.send(call, someNotices(1))).rejects.toMatchObject({ retry: 'later' });
});
