import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type IssuerConnector, secretText } from '#connectors/contract.ts';
import { issuerConnector, issuerConnectors } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { browseIssuer } from '#core/issuers/browse-issuer.ts';
import { db } from '#lib/db.ts';
import { limitedActor } from '#tests/support/limited-world.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
const actor = system('test');
const issuerOf = async (kind: string) =>
  (await db().prisma.issuer.findFirstOrThrow({ where: { kind }, orderBy: { createdAt: 'asc' } })).id;

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());
afterEach(() => sample.clearFaults());

async function browsed() {
  const { items, more } = await browseIssuer(actor, { issuerId: await issuerOf('surfacescout') });
  return { more, items, of: (label: string) => items.find((item) => item.label === label) };
}

test('what the issuer has is listed with its live secrets, and what is managed here is marked', async () => {
  const { items, more, of } = await browsed();
  expect(more).toBe(0);
  expect(of('fleet-api')).toEqual({
    label: 'fleet-api',
    place: expect.objectContaining({ clientId: 'fleet-api', maxLive: 2 }),
    isComplete: true,
    canReadBack: false,
    maxLive: 2,
    here: { id: await sample.credentialId('fleet-api'), name: 'fleet-api' },
    secrets: [
      { externalId: expect.any(String), createdAt: expect.any(String), lastUsedAt: expect.any(String) },
    ],
  });
  expect(of('map-tiles')).toMatchObject({ here: null, canReadBack: true, secrets: [{ lastUsedAt: null }] });
  expect(of('survey-importer')).toMatchObject({ maxLive: 1, secrets: [] });
  expect(items.map(({ label }) => label)).not.toContain('partner-portal');
  expect(JSON.stringify(items)).not.toContain(sample.secretInFile('fleet-api'));
});

test('a credential is known by its client, also where the vendor treats it otherwise since', async () => {
  const id = await sample.credentialId('fleet-api');
  const { place } = await db().prisma.credential.findUniqueOrThrow({ where: { id } });
  await db().prisma.credential.update({ where: { id }, data: { place: { ...Object(place), maxLive: 10 } } });
  expect((await browsed()).of('fleet-api')?.here).toMatchObject({ id });
  await db().prisma.credential.update({ where: { id }, data: { archivedAt: new Date() } });
  expect((await browsed()).of('fleet-api')?.here).toBeNull();
  await db().prisma.credential.update({ where: { id }, data: { place: Object(place), archivedAt: null } });
});

test('what is managed here outside of the limits of who asks is left out', async () => {
  const elsewhere = limitedActor({ environments: ['elsewhere'], labels: [] });
  const { items } = await browseIssuer(elsewhere, { issuerId: await issuerOf('surfacescout') });
  const labels = items.map(({ label }) => label);
  expect(labels).not.toContain('fleet-api');
  expect(labels).toContain('map-tiles');
});

test('an issuer that refuses says so in a sentence, without its token', async () => {
  const { id: _id, ...row } = await db().prisma.issuer.findUniqueOrThrow({
    where: { id: await issuerOf('surfacescout') },
  });
  const config = { ...Object(row.config), baseUrl: `${sample.places.surfacescout}/nowhere` };
  const issuerId = await issuerOf('surfacescout');
  await db().prisma.issuer.update({ where: { id: issuerId }, data: { config } });
  const error = await browseIssuer(actor, { issuerId }).catch((reason: unknown) => reason);
  await db().prisma.issuer.update({ where: { id: issuerId }, data: { config: Object(row.config) } });
  expect(error).toMatchObject({
    code: 'refused_outside',
    message: expect.stringMatching(/^SurfaceScout \(sample\): .*Nothing was changed\.$/),
  });
  expect(String(error)).not.toContain(sample.places.adminToken);
});

test('an issuer without a list, and one that is not there, are refused', async () => {
  await expect(browseIssuer(actor, { issuerId: await issuerOf('assisted') })).rejects.toMatchObject({
    code: 'not_browsable',
    message:
      'SurfaceScout web app (sample) cannot be asked what it has. Enter the place of the credential by hand.',
  });
  const nobody = '00000000-0000-4000-8000-000000000000';
  await expect(browseIssuer(actor, { issuerId: nobody })).rejects.toMatchObject({ code: 'not_found' });
});

test('a secret of a place is never answered, the place counts as incomplete, and too many are counted', async () => {
  const connectors = issuerConnectors as Map<string, IssuerConnector>;
  const place = z.object({ client: z.string(), token: secretText() });
  const found = Array.from({ length: 503 }, (_one, n) => ({
    place: { client: `client-${n}`, token: 'canary-token', unknown: 'canary-field' },
    label: `Client ${n}`,
    secrets: [],
  }));
  const like = issuerConnector('surfacescout');
  connectors.set('many', { ...like, kind: 'many', config: z.object({}), place, browse: async () => found });
  const { id: issuerId } = await addIssuer(actor, { name: 'Many', kind: 'many', config: {} });
  const { items, more } = await browseIssuer(actor, { issuerId });
  connectors.delete('many');
  expect(items).toHaveLength(500);
  expect(more).toBe(3);
  expect(items[7]).toMatchObject({ place: { client: 'client-7' }, isComplete: false, canReadBack: false });
  expect(JSON.stringify(items)).not.toContain('canary');
});
