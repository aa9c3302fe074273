import { expect, test } from 'vitest';
import { rfc7592 } from '#connectors/issuers/rfc7592.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '#tests/support/call.ts';
import { rotateFully } from './rotate-fully.ts';
import { type Registered, startProvider } from './servers/oidc-provider.ts';
import { withServer } from './servers.ts';

await withServer('RFC 7592', startProvider, ({ tokenUrl, register }) => {
  const placeOf = (client: Registered) => ({
    clientId: client.client_id,
    registrationUri: client.registration_client_uri,
    registrationToken: client.registration_access_token,
  });
  const callTo = (client: Registered) =>
    callWith(rfc7592.config.parse({ tokenUrl }), rfc7592.place.parse(placeOf(client)));
  const verdict = (client: Registered, secret = client.client_secret) =>
    rfc7592.verify(callTo(client), { clientSecret: new Plaintext(secret) });

  test('two rotations in a row work, each with the registration token that the one before has brought', async () => {
    const client = await register('rotate');
    const sibling = await register('rotate');
    const last = await rotateFully({
      issuer: { kind: 'rfc7592', config: { tokenUrl }, place: placeOf(client) },
      fields: { clientId: client.client_id, clientSecret: client.client_secret },
    });
    expect(last.clientSecret).not.toBe(client.client_secret);
    expect(await verdict(client, last.clientSecret)).toBe('accepted');
    expect(await verdict(client)).toBe('rejected');
    expect(await verdict(sibling)).toBe('accepted');
  });

  test('an update changes the secret and nothing else', async () => {
    const client = await register('rotate');
    const issued = await rfc7592.issue?.(callTo(client), { rotationId: 'one' });
    const response = await fetch(client.registration_client_uri, {
      headers: { authorization: `Bearer ${issued?.placeSecrets?.registrationToken?.expose()}` },
    });
    expect(await response.json()).toEqual({
      ...client,
      client_secret: issued?.fields.clientSecret?.expose(),
      registration_access_token: issued?.placeSecrets?.registrationToken?.expose(),
    });
  });

  test('a server that keeps the secret says so, and a wrong token is refused', async () => {
    const client = await register('keep');
    await rfc7592.check(callTo(client));
    await expect(rfc7592.issue?.(callTo(client), { rotationId: 'one' })).rejects.toThrow(
      /does not rotate secrets on an update/,
    );
    expect(await verdict(client)).toBe('accepted');
    const wrong = callTo({ ...client, registration_access_token: 'wrong' });
    await expect(rfc7592.check(wrong)).rejects.toMatchObject({ because: 'permission' });
  });
});
