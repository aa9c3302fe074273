import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { Api, RemoteError } from '#cli/remote/api.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { certificate, privateKey } from '#tests/fakes/loopback-tls.ts';
import { loopback } from '#tests/support/loopback.ts';

/* What the way to the API says against a command. */

afterEach(() => vi.restoreAllMocks());

const signIn = (url: string) =>
  new Api({ url: new URL(url), clientId: 'c', secret: new Plaintext('canary') }).signIn();

test.each([
  [null, true],
  [429, true],
  [502, true],
  [503, true],
  [504, true],
  [401, false],
  [404, false],
  [500, false],
])('after an answer of %j a command that waits asks on: %j', (status, isAway) => {
  expect(new RemoteError('', status).isAway).toBe(isAway);
});

test('a certificate that is not trusted is named with what to set, and is not tried again', async () => {
  const server = await loopback((_request, response) => response.end(), {
    key: privateKey,
    cert: certificate,
  });
  onTestFinished(() => server.close());
  await expect(signIn(server.url)).rejects.toThrow(
    `The certificate of ${server.url} is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT). Where an authority of your own signed it, name its file in NODE_EXTRA_CA_CERTS. Nothing was sent.`,
  );
  expect(server.sockets()).toBe(1);
});

test('a redirect is told as one: it is not followed, and the secret is not sent again', async () => {
  const asked: (string | undefined)[] = [];
  const server = await loopback((request, response) => {
    asked.push(request.url);
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  onTestFinished(() => server.close());
  const sentence = `${server.url} answers with a redirect, after which no secret is sent. Give the address that people open.`;
  await expect(signIn(server.url)).rejects.toMatchObject({ message: sentence });
  expect(asked).toEqual(['/oauth/token']);
});

test('a host that there is not is told as that, and is not looked for again', async () => {
  const cause = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
  const ask = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed', { cause }));
  const sentence = 'There is no host rekey.invalid. Check the address. Nothing was sent.';
  await expect(signIn('https://rekey.invalid')).rejects.toMatchObject({ message: sentence });
  expect(ask).toHaveBeenCalledTimes(1);
});
