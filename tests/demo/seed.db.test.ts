import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { archiveCredential } from '#core/credentials/archive-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { type SampleName, sampleNames, seedSampleWorld } from '#demo/seed.ts';
import { db } from '#lib/db.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

const actor = system('test');
let sample: Sample;

beforeAll(async () => {
  sample = await startSample({ seeded: false });
});
afterAll(() => sample.close());

/** Seeds until this credential's env file is to be written, where a folder is in the way. */
async function seedInterruptedAt(name: SampleName): Promise<void> {
  const file = sample.envFile(name);
  fs.mkdirSync(file, { recursive: true });
  await expect(seedSampleWorld(sample.places)).rejects.toThrow('EISDIR');
  fs.rmdirSync(file);
}

async function counts() {
  const { credential, binding, issuer, target } = db().prisma;
  return {
    credentials: await credential.count(),
    bindings: await binding.count(),
    issuers: await issuer.count({ where: { name: { contains: '(sample)' } } }),
    targets: await target.count(),
  };
}

async function addOwnIssuer(): Promise<string> {
  const tokenUrl = `${sample.places.surfacescout}/oauth/token`;
  const config = { vendor: 'Own', link: sample.places.surfacescout, steps: 'Sign in.', tokenUrl };
  return (await addIssuer(actor, { name: 'Own', kind: 'assisted', config })).id;
}

const whole = { credentials: 4, bindings: 5, issuers: 2, targets: 2 };

test('an installation that has issuers of its own is not given sample credentials beside them', async () => {
  const id = await addOwnIssuer();
  expect(await seedSampleWorld(sample.places)).toBe(false);
  expect(await counts()).toEqual({ credentials: 0, bindings: 0, issuers: 0, targets: 0 });
  await db().prisma.issuer.delete({ where: { id } });
});

test('a seeding that was interrupted, twice, is whole in the end, also where somebody had an issuer of their own', async () => {
  await seedInterruptedAt('fleet-api');
  expect(await counts()).toEqual({ ...whole, credentials: 1, bindings: 0 });
  await addOwnIssuer();
  await seedInterruptedAt('survey-importer');
  expect(await counts()).toEqual({ ...whole, credentials: 2, bindings: 2 });
  expect(await seedSampleWorld(sample.places)).toBe(true);
  expect(await counts()).toEqual(whole);
  const names = await db().prisma.credential.findMany({
    select: { name: true },
    orderBy: { createdAt: 'asc' },
  });
  expect(names.map(({ name }) => name)).toEqual([...sampleNames]);
});

test('what people archived or renamed since does not come back', async () => {
  const name = 'partner-portal';
  await archiveCredential(actor, { credentialId: await sample.credentialId(name), name });
  await db().prisma.issuer.updateMany({ data: { name: 'Renamed' }, where: { kind: 'surfacescout' } });
  const before = await counts();
  expect(await seedSampleWorld(sample.places)).toBe(false);
  expect(await counts()).toEqual(before);
  expect(fs.existsSync(path.join(sample.places.folder, 'seeding'))).toBe(false);
});
