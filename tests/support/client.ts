import fs from 'node:fs';
import path from 'node:path';
import { system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { db } from '#lib/db.ts';
import { moreClients, type Sample } from '#tests/support/sample.ts';

export type ClientName = (typeof moreClients)[number]['clientId'];

export interface Client {
  credentialId: string;
  /** The env files that its secret is delivered to. */
  files: string[];
  /** A value in one of the files; null where the key is not there. */
  valueIn(file: string | undefined, key?: string): string | null;
  /** The live secrets at the issuer: their names and tags. */
  live(): Promise<{ id: string; tag: string | null }[]>;
  /** Whether the issuer gives a token for the secret. */
  accepts(secret: string | null): Promise<boolean>;
  versions(): Promise<{ n: number; state: string }[]>;
}

const actor = system('test');

/** Imports one of `moreClients` and binds it to as many env files as asked for, the first one being the canary. */
export async function importClient(
  sample: Sample,
  clientId: ClientName,
  options: { files?: number; readsNext?: boolean; canary?: boolean } = {},
): Promise<Client> {
  const { surfacescout, adminToken, folder } = sample.places;
  const headers = { authorization: `Bearer ${adminToken}` };
  const secretsUrl = `${surfacescout}/admin/clients/${clientId}`;
  const first = (await (await fetch(`${secretsUrl}/first-secret`, { headers })).json()) as {
    clientSecret: string;
    id: string;
  };
  const issuer = await db().prisma.issuer.findFirstOrThrow({ where: { kind: 'surfacescout' } });
  const target = await db().prisma.target.findFirstOrThrow({ where: { kind: 'dotenv' } });
  const { hasApi: _hasApi, ...place } = moreClients.find((one) => one.clientId === clientId) ?? {
    hasApi: true,
  };
  // Tests of one file import the same client one after the other.
  await db().prisma.credential.updateMany({
    where: { issuerId: issuer.id, place: { path: ['clientId'], equals: clientId } },
    data: { archivedAt: new Date() },
  });
  const { id: credentialId } = await importCredential(actor, {
    name: `${clientId} ${Date.now()}`,
    issuerId: issuer.id,
    place,
    environment: 'test',
    fields: { clientId, clientSecret: first.clientSecret },
    externalId: first.id,
  });
  const files: string[] = [];
  for (let n = 0; n < (options.files ?? 1); n += 1) {
    const file = path.join(fs.mkdtempSync(path.join(folder, `${clientId}-${n}-`)), '.env');
    const { id } = await bindTarget(actor, {
      credentialId,
      targetId: target.id,
      place: { path: file },
      fields: { clientSecret: 'SECRET' },
    });
    await db().prisma.binding.update({
      where: { id },
      data: { canary: options.canary === true && n === 0, readsNext: options.readsNext === true },
    });
    files.push(file);
  }
  return {
    credentialId,
    files,
    valueIn: (file = '', key = 'SECRET') =>
      new RegExp(`^${key}=(.*)$`, 'm').exec(fs.readFileSync(file, 'utf8'))?.[1] ?? null,
    live: async () => {
      const answer = await fetch(`${secretsUrl}/secrets`, { headers });
      return ((await answer.json()) as { secrets: { id: string; tag: string | null }[] }).secrets;
    },
    accepts: async (secret) => {
      const pair = Buffer.from(`${clientId}:${secret}`).toString('base64');
      const answer = await fetch(`${surfacescout}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${pair}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      });
      return answer.ok;
    },
    versions: () =>
      db().prisma.secretVersion.findMany({
        where: { credentialId },
        select: { n: true, state: true },
        orderBy: { n: 'asc' },
      }),
  };
}
