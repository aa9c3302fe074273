import { randomUUID } from 'node:crypto';
import { newClientSecret } from '#lib/client-secret.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { ownDatabase } from '#tests/support/own-database.ts';
import type { IssuerWorld } from './world.ts';

/** A migrated database of Rekey's own with one API client and its secret. */
export async function builtinWorld(): Promise<IssuerWorld> {
  const { database, breakDown, close } = await ownDatabase();
  const { prisma } = database;
  const { secret, hash, hint } = newClientSecret();
  const [clientId, initial] = [randomUUID(), randomUUID()];
  const createdBy = { kind: 'system', id: null, name: 'test' };
  await prisma.apiClient.create({
    data: { id: clientId, name: 'deploy-bot', role: 'operator', createdBy },
  });
  await prisma.apiClientSecret.create({ data: { id: initial, clientId, hash, hint } });
  return {
    config: {},
    place: { clientId },
    working: { clientId: new Plaintext(clientId), clientSecret: secret },
    initial,
    asksBeforeIssuing: true,
    secrets: [secret.expose(), hash],
    breakDown,
    close,
  };
}
