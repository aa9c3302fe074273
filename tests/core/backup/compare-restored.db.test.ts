import { createServer, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { compareRestored } from '#core/backup/compare-restored.ts';
import { markRestored } from '#core/backup/mark-restored.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { sealFields } from '#core/vault/fields.ts';
import { closeServer, listenOnLoopback } from '#demo/reply.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { Plaintext } from '#lib/plaintext.ts';

const actor = system('test');

/** An issuer that lets everyone wait until so many ask it, and then answers all of them with an error. */
async function crowdedIssuer(enough: number) {
  const waiting: ServerResponse[] = [];
  let most = 0;
  const server = createServer((_request, response) => {
    waiting.push(response);
    response.once('close', () => {
      if (waiting.includes(response)) waiting.splice(waiting.indexOf(response), 1);
    });
    most = Math.max(most, waiting.length);
    if (most < enough) return;
    for (const one of waiting.splice(0)) one.writeHead(500).end();
  });
  onTestFinished(() => closeServer(server));
  const baseUrl = await listenOnLoopback(server, 0);
  const config = { baseUrl, adminToken: 'sample-admin-token' };
  const { id } = await addIssuer(actor, { name: baseUrl, kind: 'surfacescout', config });
  return { id, most: () => most };
}

async function storedCredential(issuerId: string, name: string): Promise<void> {
  const [credentialId, versionId] = [newId(), newId()];
  await db().pool.query(
    `insert into credentials (id, name, issuer_id, place, environment) values ($1, $2, $3, $4, 'production')`,
    [credentialId, name, issuerId, { clientId: name }],
  );
  const place = { table: 'secret_versions', id: versionId, field: 'sealed' } as const;
  const sealed = sealFields(place, { clientId: new Plaintext(name), clientSecret: new Plaintext('a value') });
  await db().pool.query(
    `insert into secret_versions (id, credential_id, n, state, sealed, fingerprint)
     values ($1, $2, 1, 'current', $3, $4)`,
    [versionId, credentialId, sealed, newId()],
  );
}

test('after a restore several credentials are asked about at once, and one whose settings cannot be read keeps nobody', async () => {
  const crowded = await crowdedIssuer(8);
  const names = Array.from({ length: 9 }, (_, n) => `app-${n}`);
  for (const name of names) await storedCredential(crowded.id, name);
  const odd = await crowdedIssuer(1);
  await storedCredential(odd.id, 'odd');
  await db().pool.query(`update issuers set config = '{"baseUrl":7}' where id = $1`, [odd.id]);
  await markRestored(actor, { reason: 'a disk snapshot' });
  const told: number[] = [];
  const { list } = await compareRestored(actor, { onProgress: (done) => told.push(done) });
  expect(crowded.most()).toBe(8);
  expect(list.map(({ credential, outcome }) => [credential, outcome])).toEqual(
    [...names, 'odd'].map((name) => [name, 'unproven']),
  );
  expect(told).toEqual(Array.from({ length: 10 }, (_, n) => n + 1));
  expect(list.find(({ credential }) => credential === 'odd')?.sentence).toBe(
    'What is stored of its issuer, of a target or of its place there is not as this version of Rekey reads it (baseUrl). So it is not known whether what is stored is in use. Compare again, or rotate it.',
  );
});
