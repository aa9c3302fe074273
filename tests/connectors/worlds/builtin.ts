import { randomUUID } from 'node:crypto';
import { newClientSecret } from '#lib/client-secret.ts';
import { type Database, db, openDatabase } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { copyTemplate, dropDatabase } from '#tests/support/database.ts';
import { ownPostgres } from '#tests/support/own-postgres.ts';
import { makeTemplate } from '#tests/support/postgres.ts';
import { relayTo } from '#tests/support/relay.ts';
import type { IssuerWorld } from './world.ts';

let template: Promise<void> | undefined;
let count = 0;

/** Where lib/db keeps the database of a process; here it leads through a relay that can be closed. */
const shared = globalThis as typeof globalThis & { rekeyDatabase?: Database };

/** A migrated database of Rekey's own with one API client and its secret. */
export async function builtinWorld(): Promise<IssuerWorld> {
  const postgres = await ownPostgres();
  template ??= makeTemplate(postgres);
  await template;
  count += 1;
  const name = `builtin_${count}`;
  const relay = await relayTo(postgres.port);
  const address = new URL(await copyTemplate(postgres.url('postgres'), name));
  address.port = String(relay.port);
  const before = shared.rekeyDatabase;
  const own = openDatabase(address.toString(), 4);
  shared.rekeyDatabase = own;
  const { secret, hash, hint } = newClientSecret();
  const [clientId, initial] = [randomUUID(), randomUUID()];
  const createdBy = { kind: 'system', id: null, name: 'test' };
  await db().prisma.apiClient.create({
    data: { id: clientId, name: 'deploy-bot', role: 'operator', createdBy },
  });
  await db().prisma.apiClientSecret.create({ data: { id: initial, clientId, hash, hint } });
  return {
    config: {},
    place: { clientId },
    working: { clientId: new Plaintext(clientId), clientSecret: secret },
    initial,
    asksBeforeIssuing: true,
    secrets: [secret.expose(), hash],
    breakDown: relay.close,
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
