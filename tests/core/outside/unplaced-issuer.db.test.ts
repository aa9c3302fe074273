import { expect, test } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { openUnplacedIssuer } from '#core/outside/open-connector.ts';
import { sealFields } from '#core/vault/fields.ts';
import { newId } from '#lib/new-id.ts';
import { Plaintext } from '#lib/plaintext.ts';

function anIssuer() {
  const id = newId();
  const secrets = { adminToken: new Plaintext('canary-token') };
  const sealed = sealFields({ table: 'issuers', id, field: 'sealed' }, secrets);
  const config = { baseUrl: 'http://127.0.0.1:9' };
  return openUnplacedIssuer({ id, name: 'Scout', kind: 'surfacescout', config, sealed });
}

test('an issuer is asked without a place, with its opened config, and errors name it and no secret', async () => {
  const issuer = anIssuer();
  await issuer.ask(async (_connector, call) => {
    expect(call.place).toBeNull();
    expect(call.versionId).toBeNull();
    expect(String((call.config.adminToken as Plaintext).expose())).toBe('canary-token');
  });
  const leak = issuer.ask(async () => {
    throw new Error('it said canary-token');
  });
  await expect(leak).rejects.toThrow('Scout: it said [redacted]');
});

test('what it could do is known of a whole place, and of no other', () => {
  const issuer = anIssuer();
  expect(issuer.canAt({ clientId: 'a', maxLive: 1, readBack: true })).toMatchObject({
    maxLive: 1,
    readBack: true,
  });
  expect(issuer.canAt({ maxLive: 1 })).toBeNull();
});

test('after a refusal for a permission a token is made anew, after any other failure it is kept', async () => {
  const issuer = anIssuer();
  let made = 0;
  const make = async () => {
    made += 1;
    return { value: new Plaintext(`token-${made}`), seconds: 3_600 };
  };
  const fail = (because: 'permission' | 'conflict') =>
    issuer.ask(async (_connector, call) => {
      await call.remember('access token', make);
      throw new ConnectorError('It refuses that.', 'never', { because });
    });
  await expect(fail('conflict')).rejects.toThrow('It refuses that.');
  await expect(fail('permission')).rejects.toThrow('It refuses that.');
  expect(made).toBe(1);
  await expect(fail('permission')).rejects.toThrow('It refuses that.');
  expect(made).toBe(2);
});
