import { randomUUID } from 'node:crypto';
import { type Database, db, openDatabase } from '#lib/db.ts';
import { copyTemplate, dropDatabase } from '#tests/support/database.ts';
import { ownPostgres } from '#tests/support/own-postgres.ts';
import { makeTemplate } from '#tests/support/postgres.ts';
import { relayTo } from '#tests/support/relay.ts';
import type { TargetWorld } from './world.ts';

let template: Promise<void> | undefined;
let count = 0;

/** Where lib/db keeps the database of a process; here it leads through a relay that can be closed. */
const shared = globalThis as typeof globalThis & { rekeyDatabase?: Database };

/** The suite's binding, which one API client may fetch from; beside it another one. */
async function fill(bindingId: string, clientId: string): Promise<void> {
  const { prisma } = db();
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
  const postgres = await ownPostgres();
  template ??= makeTemplate(postgres);
  await template;
  count += 1;
  const name = `pull_${count}`;
  const relay = await relayTo(postgres.port);
  const address = new URL(await copyTemplate(postgres.url('postgres'), name));
  address.port = String(relay.port);
  const before = shared.rekeyDatabase;
  const own = openDatabase(address.toString(), 4);
  shared.rekeyDatabase = own;
  const [bindingId, clientId] = ['00000000-0000-4000-8000-0000000000b1', randomUUID()];
  await fill(bindingId, clientId);
  return {
    config: {},
    place: { application: 'suite' },
    secrets: [],
    breakDown: relay.close,
    neighbours: async (key) => {
      const { rows } = await own.pool.query(
        `select binding_id, slot, version_id, array_remove(keys, case slot when 'primary' then $1 end) as keys
           from served_versions where slot <> 'primary' or keys <> array[$1] or binding_id <> $2
          order by binding_id, slot`,
        [key, bindingId],
      );
      return JSON.stringify(rows);
    },
    fetch: async (reports) => {
      await own.pool.query(
        `insert into secret_fetches (binding_id, slot, version_id, client_id, serving, reported_serving)
         select binding_id, slot, version_id, $2, serving, case when $3 then serving end
           from served_versions where binding_id = $1
         on conflict (binding_id, slot, version_id, client_id) do update
           set serving = excluded.serving,
               reported_serving = coalesce(excluded.reported_serving, secret_fetches.reported_serving)`,
        [bindingId, clientId, reports],
      );
    },
    close: async () => {
      if (shared.rekeyDatabase === own) {
        if (before === undefined) delete shared.rekeyDatabase;
        else shared.rekeyDatabase = before;
      }
      await relay.close();
      await own.close();
      await dropDatabase(postgres.url('postgres'), name);
    },
  };
}
