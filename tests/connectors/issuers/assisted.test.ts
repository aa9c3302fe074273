import { expect, test } from 'vitest';
import { assisted } from '#connectors/issuers/assisted.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';

const config = assisted.config.parse({
  vendor: 'Example',
  link: 'https://vendor.example/app#tools',
  steps: 'Open Developer Tools.\n\n  Press Rotate. \r\nCopy the secret.\n',
  tokenUrl: 'https://vendor.example/oauth/token',
});

test('the task is the link and one step per line', () => {
  const task = assisted.task?.(config, assisted.place.parse({ clientId: 'a' }));
  expect(task).toEqual({
    link: 'https://vendor.example/app#tools',
    steps: ['Open Developer Tools.', 'Press Rotate.', 'Copy the secret.'],
  });
});

test('there is nothing to issue or revoke, and the old secret ends at once', () => {
  expect(assisted.issue).toBeUndefined();
  expect(assisted.revoke).toBeUndefined();
  const can = assisted.can(config, assisted.place.parse({ clientId: 'a' }));
  expect(can).toMatchObject({ maxLive: 1, overlap: 'none', propagationSeconds: 30 });
});

test('a pasted secret is tried with the client ID and scope of the place', async () => {
  const requests: HttpRequest[] = [];
  const http = {
    request: async (request: HttpRequest) => {
      requests.push(request);
      return { status: 200, headers: {}, text: '{"access_token":"t"}' };
    },
  };
  const place = assisted.place.parse({ clientId: 'partner portal', scope: 'scans' });
  const call = callWith(config, place, { http });
  expect(await assisted.verify(call, { clientSecret: new Plaintext('pasted') })).toBe('accepted');
  const authorization = Buffer.from('partner+portal:pasted').toString('base64');
  expect(requests[0]?.headers?.authorization).toBe(`Basic ${authorization}`);
  expect(requests[0]?.body).toBe('grant_type=client_credentials&scope=scans');
});

test('a link that is no web address is not accepted', () => {
  for (const link of ['javascript:alert(1)', 'vendor.example', 'data:text/html,x']) {
    expect(assisted.config.safeParse({ ...config, link }).success).toBe(false);
  }
});
