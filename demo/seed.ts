import fs from 'node:fs';
import path from 'node:path';
import { request } from 'undici';
import { z } from 'zod';
import { system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { db } from '#lib/db.ts';

/** Where the parts of the sample world run. */
export interface SamplePlaces {
  surfacescout: string;
  receiver: string;
  consumers: Readonly<Record<SampleName, string>>;
  /** The folder with one env file per application. */
  folder: string;
  adminToken: string;
  signingSecret: string;
}

export const sampleNames = ['fleet-api', 'survey-importer', 'report-builder', 'partner-portal'] as const;
export type SampleName = (typeof sampleNames)[number];

export const envFileOf = (folder: string, name: SampleName) => path.join(folder, name, '.env');

const actor = system('sample world');
const firstSecret = z.object({ clientSecret: z.string(), id: z.string() });

async function readFirstSecret(places: SamplePlaces, name: SampleName) {
  const answer = await request(`${places.surfacescout}/admin/clients/${name}/first-secret`, {
    headers: { authorization: `Bearer ${places.adminToken}` },
  });
  return firstSecret.parse(await answer.body.json());
}

const keys = {
  clientId: 'SCOUT_CLIENT_ID',
  clientSecret: 'SCOUT_CLIENT_SECRET',
  versionId: 'SCOUT_SECRET_VERSION',
};

async function bindEnvFile(places: SamplePlaces, name: SampleName, credentialId: string, targetId: string) {
  const file = envFileOf(places.folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `# Settings of ${name}. Rekey keeps the SCOUT_ keys up to date.\nLOG_LEVEL=info\n`, {
    mode: 0o600,
  });
  const consumerUrl = `${places.consumers[name]}/state`;
  // All sample applications would use NEXT; saying so of one shows what it is good for.
  const readsNext = name === 'report-builder';
  const place = { path: file };
  await bindTarget(actor, { credentialId, targetId, place, fields: keys, consumerUrl, readsNext });
}

/** Adds the issuer, unless an interrupted seeding did. */
async function ensureIssuer(kind: string, name: string, config: Record<string, unknown>): Promise<string> {
  const found = await db().prisma.issuer.findFirst({ where: { kind, name, archivedAt: null } });
  return (found ?? (await addIssuer(actor, { name, kind, config }))).id;
}

/** Adds the target, unless an interrupted seeding did. */
async function ensureTarget(kind: string, name: string, config: Record<string, unknown>): Promise<string> {
  const found = await db().prisma.target.findFirst({ where: { kind, name, archivedAt: null } });
  return (found ?? (await addTarget(actor, { name, kind, config }))).id;
}

async function ensureIssuers({ surfacescout: baseUrl, adminToken }: SamplePlaces) {
  const api = await ensureIssuer('surfacescout', 'SurfaceScout (sample)', { baseUrl, adminToken });
  const form = await ensureIssuer('assisted', 'SurfaceScout web app (sample)', {
    vendor: 'SurfaceScout',
    link: `${baseUrl}/app`,
    steps: [
      'Sign in to SurfaceScout.',
      'Open Developer Tools and find the section of this client.',
      'Click Rotate and confirm. The old secret stops working at once.',
      'Copy the new client secret and paste it here.',
    ].join('\n'),
    tokenUrl: `${baseUrl}/oauth/token`,
    propagationSeconds: 4,
  });
  return { api, form };
}

const placeOf: Readonly<Record<SampleName, Record<string, unknown>>> = {
  'fleet-api': { clientId: 'fleet-api', maxLive: 2, list: true },
  'survey-importer': { clientId: 'survey-importer', maxLive: 1, list: false },
  'report-builder': { clientId: 'report-builder', maxLive: 1, list: false, chosenValue: true },
  'partner-portal': { clientId: 'partner-portal' },
};

/** Imports the credential, unless an interrupted seeding did. */
async function ensureCredential(places: SamplePlaces, name: SampleName, issuerId: string): Promise<string> {
  const found = await db().prisma.credential.findFirst({ where: { name, issuerId } });
  if (found !== null) {
    return found.id;
  }
  const { clientSecret, id: externalId } = await readFirstSecret(places, name);
  const { id } = await importCredential(actor, {
    name,
    issuerId,
    place: placeOf[name],
    environment: 'production',
    owner: 'Sample team',
    fields: { clientId: name, clientSecret },
    externalId,
  });
  return id;
}

const isBound = async (credentialId: string, targetId: string) =>
  (await db().prisma.binding.count({ where: { credentialId, targetId } })) > 0;

async function seed(places: SamplePlaces): Promise<void> {
  const issuers = await ensureIssuers(places);
  const envFiles = await ensureTarget('dotenv', 'Env file (sample)', {});
  const webhook = await ensureTarget('webhook', 'Webhook receiver (sample)', {
    url: places.receiver,
    signingSecret: places.signingSecret,
  });
  for (const name of sampleNames) {
    const issuerId = name === 'partner-portal' ? issuers.form : issuers.api;
    const credentialId = await ensureCredential(places, name, issuerId);
    if (!(await isBound(credentialId, envFiles))) {
      await bindEnvFile(places, name, credentialId, envFiles);
    }
    if (name === 'fleet-api' && !(await isBound(credentialId, webhook))) {
      const fields = { clientSecret: 'clientSecret' };
      await bindTarget(actor, { credentialId, targetId: webhook, place: {}, fields });
    }
  }
}

/**
 * Adds the sample world to an installation that has no issuer yet, through the same use cases as anybody else. False: it has some, and
 * they are left alone. A seeding that was interrupted is gone on with: a file in the folder says so.
 */
export async function seedSampleWorld(places: SamplePlaces): Promise<boolean> {
  const underWay = path.join(places.folder, 'seeding');
  // None is ever deleted, so there is one where the sample world was; where there are others, sample credentials are not wanted beside them.
  const hasIssuers = (await db().prisma.issuer.count()) > 0;
  if (hasIssuers && !fs.existsSync(underWay)) {
    return false;
  }
  fs.writeFileSync(underWay, '');
  await seed(places);
  fs.rmSync(underWay);
  return true;
}
