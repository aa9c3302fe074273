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

async function addSampleIssuers(places: SamplePlaces) {
  const { surfacescout: baseUrl, adminToken } = places;
  const api = await addIssuer(actor, {
    name: 'SurfaceScout (sample)',
    kind: 'surfacescout',
    config: { baseUrl, adminToken },
  });
  const form = await addIssuer(actor, {
    name: 'SurfaceScout web app (sample)',
    kind: 'assisted',
    config: {
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
    },
  });
  return { api: api.id, form: form.id };
}

/** Fills an empty installation with the sample world, through the same use cases as anybody else. False: it is there. */
export async function seedSampleWorld(places: SamplePlaces): Promise<boolean> {
  if ((await db().prisma.issuer.count()) > 0) {
    return false;
  }
  const issuers = await addSampleIssuers(places);
  const envFiles = await addTarget(actor, { name: 'Env file (sample)', kind: 'dotenv', config: {} });
  const webhook = await addTarget(actor, {
    name: 'Webhook receiver (sample)',
    kind: 'webhook',
    config: { url: places.receiver, signingSecret: places.signingSecret },
  });
  const places_: Record<SampleName, Record<string, unknown>> = {
    'fleet-api': { clientId: 'fleet-api', maxLive: 2, list: true },
    'survey-importer': { clientId: 'survey-importer', maxLive: 1, list: false },
    'report-builder': { clientId: 'report-builder', maxLive: 1, list: false, chosenValue: true },
    'partner-portal': { clientId: 'partner-portal' },
  };
  for (const name of sampleNames) {
    const { clientSecret, id: externalId } = await readFirstSecret(places, name);
    const { id } = await importCredential(actor, {
      name,
      issuerId: name === 'partner-portal' ? issuers.form : issuers.api,
      place: places_[name],
      environment: 'production',
      owner: 'Sample team',
      fields: { clientId: name, clientSecret },
      externalId,
    });
    await bindEnvFile(places, name, id, envFiles.id);
    if (name === 'fleet-api') {
      const fields = { clientSecret: 'clientSecret' };
      await bindTarget(actor, { credentialId: id, targetId: webhook.id, place: {}, fields });
    }
  }
  return true;
}
