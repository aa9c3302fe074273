import { expect, test } from 'vitest';
import { z } from 'zod';
import { keycloak } from '#connectors/issuers/keycloak.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '#tests/support/call.ts';
import { rotateFully } from './rotate-fully.ts';
import { startKeycloak } from './servers/keycloak.ts';
import { withServer } from './servers.ts';

const represented = z.looseObject({ id: z.string(), clientId: z.string(), secret: z.string().optional() });
const named = z.object({ id: z.string() });

/** Keycloak gives sets as lists, in no order. */
const sorted = (settings: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, Array.isArray(value) ? [...value].sort() : value]),
  );

await withServer('Keycloak', startKeycloak, ({ url, adminSecret, ask }) => {
  const config = { baseUrl: url, adminClientId: 'rekey-admin', adminClientSecret: adminSecret };

  const callTo = (realm: string, clientId: string, rest: Record<string, unknown> = {}) =>
    callWith(keycloak.config.parse({ ...config, ...rest }), keycloak.place.parse({ realm, clientId }));
  const verdict = (realm: string, clientId: string, secret = '') =>
    keycloak.verify(callTo(realm, clientId), { clientSecret: new Plaintext(secret) });
  const settings = async (realm: string, clientId: string) =>
    represented.parse(
      z.array(z.unknown()).parse(await ask('GET', `/${realm}/clients?clientId=${clientId}`))[0],
    );

  async function realmWithClients(realm: string, policy: boolean) {
    await ask('POST', '', { realm, enabled: true });
    if (policy) await coverByPolicy(realm);
    for (const clientId of ['fleet', 'sibling']) {
      const about = {
        redirectUris: ['https://app.example/*'],
        attributes: { note: 'kept' },
        description: 'kept',
      };
      const secret = `first-secret-of-${clientId}`;
      await ask('POST', `/${realm}/clients`, { clientId, secret, serviceAccountsEnabled: true, ...about });
    }
  }

  async function coverByPolicy(realm: string) {
    const configuration = {
      'expiration-period': 2_592_000,
      'rotated-expiration-period': 172_800,
      'remaining-rotation-period': 864_000,
    };
    const executors = [{ executor: 'secret-rotation', configuration }];
    await ask('PUT', `/${realm}/client-policies/profiles`, { profiles: [{ name: 'rotation', executors }] });
    const conditions = [{ condition: 'any-client', configuration: {} }];
    const policy = { name: 'all', enabled: true, conditions, profiles: ['rotation'] };
    await ask('PUT', `/${realm}/client-policies/policies`, { policies: [policy] });
  }

  test.each([
    ['replace', 'shop'],
    ['rotation policy', 'guarded'],
  ])('two rotations in the mode "%s" leave the newest secret alone working', async (mode, realm) => {
    await realmWithClients(realm, mode === 'rotation policy');
    const before = await settings(realm, 'fleet');
    const fields = { clientId: 'fleet', clientSecret: 'first-secret-of-fleet' };
    const place = { realm, clientId: 'fleet', mode };
    const last = await rotateFully({
      issuer: { kind: 'keycloak', config, place },
      fields,
      externalId: 'secret',
    });
    expect(await verdict(realm, 'fleet', last.clientSecret)).toBe('accepted');
    expect(await verdict(realm, 'fleet', 'first-secret-of-fleet')).toBe('rejected');
    expect(await verdict(realm, 'sibling', 'first-secret-of-sibling')).toBe('accepted');
    const { attributes: _times, secret, ...after } = await settings(realm, 'fleet');
    const { attributes: _before, secret: _first, ...kept } = before;
    expect(sorted(after)).toEqual(sorted(kept));
    expect(secret).toBe(last.clientSecret);
  });

  test.each(['replace', 'rotation policy'])(
    'in the mode "%s" the resources of a client and the roles of its service account outlive a secret that is set',
    async (mode) => {
      const realm = mode === 'replace' ? 'shop' : 'guarded';
      const clientId = 'resource-server';
      const flags = { serviceAccountsEnabled: true, authorizationServicesEnabled: true };
      await ask('POST', `/${realm}/clients`, { clientId, secret: 'first-secret', ...flags });
      const { id } = await settings(realm, clientId);
      const authorization = `/${realm}/clients/${id}/authz/resource-server/resource`;
      await ask('POST', authorization, { name: 'invoices', uris: ['/invoices/*'] });
      const user = named.parse(await ask('GET', `/${realm}/clients/${id}/service-account-user`));
      await ask('POST', `/${realm}/roles`, { name: 'stock-reader' });
      const role = z
        .looseObject({ name: z.string() })
        .parse(await ask('GET', `/${realm}/roles/stock-reader`));
      await ask('POST', `/${realm}/users/${user.id}/role-mappings/realm`, [role]);
      const call = callWith(keycloak.config.parse(config), keycloak.place.parse({ realm, clientId, mode }));
      // Under the policy the secret is set where the current one is revoked: the rotated one takes its place.
      const chosen = new Plaintext('second-secret-of-our-own-choice');
      const issued = await keycloak.issue?.(
        call,
        mode === 'replace' ? { rotationId: 'one', chosen } : { rotationId: 'one' },
      );
      if (mode !== 'replace') await keycloak.revoke?.(call, 'secret#one', issued?.fields);
      expect(await settings(realm, clientId)).toMatchObject(flags);
      const names = async (path: string) =>
        z
          .array(z.looseObject({ name: z.string() }))
          .parse(await ask('GET', path))
          .map(({ name }) => name);
      expect(await names(authorization)).toContain('invoices');
      const after = named.parse(await ask('GET', `/${realm}/clients/${id}/service-account-user`));
      expect(after).toEqual({ id: user.id });
      expect(await names(`/${realm}/users/${user.id}/role-mappings/realm`)).toContain('stock-reader');
    },
  );

  test('under the policy the old secret works on until it is revoked, and a third one is refused', async () => {
    const call = callWith(
      keycloak.config.parse(config),
      keycloak.place.parse({ realm: 'guarded', clientId: 'sibling', mode: 'rotation policy' }),
    );
    const old = { clientSecret: new Plaintext('first-secret-of-sibling') };
    await keycloak.check(call);
    const issued = await keycloak.issue?.(call, { rotationId: 'one' });
    expect(issued?.previousEndsAt?.getTime()).toBeGreaterThan(Date.now() + 86_400_000);
    expect(await keycloak.verify(call, old)).toBe('accepted');
    await expect(keycloak.issue?.(call, { rotationId: 'two' })).rejects.toMatchObject({
      because: 'conflict',
    });
    await keycloak.revoke?.(call, 'secret#one', issued?.fields);
    expect(await keycloak.verify(call, issued?.fields ?? {})).toBe('rejected');
    expect(await keycloak.verify(call, old)).toBe('accepted');
    const again = await keycloak.issue?.(call, { rotationId: 'three' });
    for (let time = 0; time < 2; time += 1) await keycloak.revoke?.(call, 'secret#imported', old);
    expect(await keycloak.verify(call, old)).toBe('rejected');
    expect(await keycloak.verify(call, again?.fields ?? {})).toBe('accepted');
  });

  test('an admin client of the realm itself is enough, and the role it lacks is named', async () => {
    const { id: owner } = await settings('shop', 'realm-management');
    for (const role of ['view-clients', 'manage-clients']) {
      const clientId = `admin-${role}`;
      await ask('POST', '/shop/clients', { clientId, secret: 'own-secret', serviceAccountsEnabled: true });
      const { id } = await settings('shop', clientId);
      const user = named.parse(await ask('GET', `/shop/clients/${id}/service-account-user`));
      const granted = z.looseObject({}).parse(await ask('GET', `/shop/clients/${owner}/roles/${role}`));
      await ask('POST', `/shop/users/${user.id}/role-mappings/clients/${owner}`, [granted]);
    }
    const own = { adminRealm: 'shop', adminClientSecret: 'own-secret' };
    await keycloak.check(callTo('shop', 'fleet', { ...own, adminClientId: 'admin-manage-clients' }));
    await expect(
      keycloak.check(callTo('shop', 'fleet', { ...own, adminClientId: 'admin-view-clients' })),
    ).rejects.toMatchObject({
      because: 'permission',
      message: expect.stringContaining('manage-clients of realm-management'),
    });
    const wrong = callTo('shop', 'fleet', {
      ...own,
      adminClientId: 'admin-manage-clients',
      adminClientSecret: 'x',
    });
    await expect(keycloak.check(wrong)).rejects.toMatchObject({ because: 'permission' });
  });

  test('without service accounts a right secret is unknown instead of rejected, and browsing lists the clients', async () => {
    await ask('POST', '/shop/clients', {
      clientId: 'web',
      secret: 'right-secret',
      standardFlowEnabled: true,
    });
    expect(await verdict('shop', 'web', 'right-secret')).toBe('unknown');
    const found = (await keycloak.browse?.({ ...callTo('shop', 'fleet'), place: null })) ?? [];
    expect(found.map(({ label }) => label)).toEqual(expect.arrayContaining(['fleet (shop)', 'web (shop)']));
    expect(found.map(({ label }) => label)).not.toContain('account (shop)');
  });
});
