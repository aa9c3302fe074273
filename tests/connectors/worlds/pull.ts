import { randomUUID } from 'node:crypto';
import type { Database } from '#lib/db.ts';
import { ownDatabase } from '#tests/support/own-database.ts';
import type { TargetWorld } from './world.ts';

/** The suite's binding, which one API client may fetch from; beside it another one. */
async function fill({ prisma }: Database, bindingId: string, clientId: string): Promise<void> {
  const [issuerId, credentialId, targetId] = [randomUUID(), randomUUID(), randomUUID()];
  await prisma.issuer.create({ data: { id: issuerId, name: 'i', kind: 'random', config: {}, sealed: null } });
  await prisma.credential.create({
    data: { id: credentialId, issuerId, name: 'c', place: {}, environment: 'test', sealed: null },
  });
  await prisma.target.create({ data: { id: targetId, name: 't', kind: 'pull', config: {}, sealed: null } });
  const place = { application: 'suite' };
  for (const id of [bindingId, randomUUID()]) {
    const keys = { credentialId, targetId, place, fields: {}, needs: 'read_back' };
    await prisma.binding.create({ data: { id, ...keys } });
    if (id !== bindingId) {
      const served = { versionId: randomUUID(), slot: 'primary', keys: ['SECRET'] };
      await prisma.servedVersion.create({ data: { bindingId: id, ...served } });
    }
  }
  const createdBy = { kind: 'system', id: null, name: 'test' };
  await prisma.apiClient.create({ data: { id: clientId, name: 'consumer', role: 'viewer', createdBy } });
  await prisma.bindingConsumer.create({ data: { bindingId, clientId } });
}

/** A migrated database of Rekey's own with a binding that an API client fetches from. */
export async function pullWorld(): Promise<TargetWorld> {
  const { database, breakDown, close } = await ownDatabase();
  const { pool } = database;
  const [bindingId, clientId] = ['00000000-0000-4000-8000-0000000000b1', randomUUID()];
  await fill(database, bindingId, clientId);
  return {
    config: {},
    place: { application: 'suite' },
    secrets: [],
    breakDown,
    neighbours: async (key) => {
      const { rows } = await pool.query(
        `select binding_id, slot, version_id, array_remove(keys, case slot when 'primary' then $1 end) as keys
           from served_versions where slot <> 'primary' or keys <> array[$1] or binding_id <> $2
          order by binding_id, slot`,
        [key, bindingId],
      );
      return JSON.stringify(rows);
    },
    fetch: async (reports) => {
      await pool.query(
        `insert into secret_fetches (binding_id, slot, version_id, client_id, serving, reported_serving)
         select binding_id, slot, version_id, $2, serving, case when $3 then serving end
           from served_versions where binding_id = $1
         on conflict (binding_id, slot, version_id, client_id) do update
           set serving = excluded.serving,
               reported_serving = coalesce(excluded.reported_serving, secret_fetches.reported_serving)`,
        [bindingId, clientId, reports],
      );
    },
    close,
  };
}
