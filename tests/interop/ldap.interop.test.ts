import { Client, InvalidCredentialsError } from 'ldapts';
import { expect, test } from 'vitest';
import { ldap } from '#connectors/issuers/ldap.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '#tests/support/call.ts';
import { rotateFully } from './rotate-fully.ts';
import { startSlapd } from './servers/slapd.ts';
import { withServer } from './servers.ts';

await withServer('slapd', startSlapd, (server) => {
  const { dnOf, passwords, ca, ldapPort, ldapsPort } = server;
  const connector = ldap as Required<typeof ldap>;

  const encrypted = { host: '127.0.0.1', port: ldapsPort, ca };
  const asRotator = { bindDn: dnOf('rotator'), bindPassword: passwords.rotator };

  async function canSignIn(name: string, password = ''): Promise<boolean> {
    const client = new Client({ url: `ldap://127.0.0.1:${ldapPort}` });
    try {
      await client.bind(dnOf(name), password);
      return true;
    } catch (error) {
      if (error instanceof InvalidCredentialsError) return false;
      throw error;
    } finally {
      await client.unbind();
    }
  }

  function callFor(name: string, config: Record<string, unknown>) {
    return callWith(ldap.config.parse(config), ldap.place.parse({ dn: dnOf(name) }));
  }

  test('two rotations in a row over ldaps by Password Modify leave the new password alone in force', async () => {
    const now = await rotateFully({
      issuer: { kind: 'ldap', config: { ...encrypted, ...asRotator }, place: { dn: dnOf('app') } },
      fields: { password: passwords.app },
    });
    // One refused sign-in locks the entry for good, so this also shows that Rekey made none.
    expect(await canSignIn('app', now.password)).toBe(true);
    expect(await canSignIn('other', passwords.other)).toBe(true);
    expect(await canSignIn('app', passwords.app)).toBe(false);
  });

  test('two rotations in a row over StartTLS by replacing userPassword do the same', async () => {
    const config = { ...encrypted, ...asRotator, port: ldapPort, security: 'starttls', method: 'replace' };
    const now = await rotateFully({
      issuer: { kind: 'ldap', config, place: { dn: dnOf('other') } },
      fields: { password: passwords.other },
    });
    expect(await canSignIn('other', now.password)).toBe(true);
    expect(await canSignIn('own', passwords.own)).toBe(true);
    expect(await canSignIn('other', passwords.other)).toBe(false);
  });

  test('an entry changes its own password twice, signing in with the one from before', async () => {
    const place = { dn: dnOf('own'), ownPassword: passwords.own };
    const now = await rotateFully({
      issuer: { kind: 'ldap', config: encrypted, place },
      fields: { password: passwords.own },
    });
    expect(await canSignIn('own', now.password)).toBe(true);
    expect(await canSignIn('own', passwords.own)).toBe(false);
  });

  test('check finds out that an entry may not write passwords, and permits one that may', async () => {
    await connector.check(callFor('app', { ...encrypted, ...asRotator }));
    const reader = { bindDn: dnOf('reader'), bindPassword: passwords.reader };
    await expect(connector.check(callFor('app', { ...encrypted, ...reader }))).rejects.toMatchObject({
      retry: 'never',
      because: 'permission',
      message: expect.stringContaining('has no write access to the password of uid=app'),
    });
    await expect(connector.check(callFor('nobody', { ...encrypted, ...asRotator }))).rejects.toThrow(
      /no entry uid=nobody/,
    );
  });

  test('the policy refuses a short password in a sentence, and the same long one may be set twice', async () => {
    const call = callFor('reader', { ...encrypted, ...asRotator });
    const short = connector.issue(call, { rotationId: 'r1', chosen: new Plaintext('short') });
    await expect(short).rejects.toThrow(/password policy refuses the new value \(19, quality\)/);
    const wish = { rotationId: 'r2', chosen: new Plaintext('Rk1-long-enough-password') };
    await connector.issue(call, wish);
    await connector.issue(call, wish);
    expect(await canSignIn('reader', 'Rk1-long-enough-password')).toBe(true);
  });

  test('a certificate that is not trusted ends the connection', async () => {
    const { ca: _ca, ...untrusted } = encrypted;
    await expect(connector.check(callFor('app', { ...untrusted, ...asRotator }))).rejects.toThrow(
      /is not trusted/,
    );
  });
});
