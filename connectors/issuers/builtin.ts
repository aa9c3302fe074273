import { randomUUID, timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import { z } from 'zod';
import {
  type Browsed,
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type IssueWish,
  type ListedSecret,
} from '#connectors/contract.ts';
import { hashOfSecret, newClientSecret } from '#lib/client-secret.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({});

const place = z.object({
  clientId: z.uuid('The client ID stands on its page in Developer tools.').meta({ title: 'Client ID' }),
});

type BuiltinCall = Call<z.output<typeof config>, z.output<typeof place>>;

const MOST_LIVE = 5;
const LIVE = 'revoked_at is null and (expires_at is null or expires_at > rekey_now())';

/**
 * Rekey's own API clients (docs/api-clients.md): the secret is made here, known as a hash from then on, and delivered
 * like any other. Five of a client work at a time, as in Developer tools. The rows are asked and not the token
 * endpoint, because a worker may not reach the console's address; both take a secret under the same condition.
 */
export const builtin: IssuerConnector<typeof config, typeof place> = {
  kind: 'builtin',
  title: 'API clients of this Rekey',
  aliases: ['client secret', 'machine-to-machine', 'M2M'],
  docs: 'docs/api-clients.md',
  needs: 'Nothing: they are rows of its own database. The client has the role viewer, auditor or operator.',
  proven: { against: 'real server', what: "Rekey's own token endpoint", on: '2026-11-28' },
  config,
  place,
  secretField: 'clientSecret',
  can: () => ({
    maxLive: MOST_LIVE,
    overlap: 'explicit',
    chosenValue: false,
    readBack: false,
    list: true,
    tags: true,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: true,
    propagationSeconds: 0,
    failedSignIns: 10,
  }),
  check: (call) =>
    transaction(`Checking ${call.place.clientId}`, async (client) => {
      await lockClient(client, call.place.clientId);
    }),
  issue,
  verify,
  revoke,
  listSecrets: async ({ place: { clientId } }) => {
    const rows = await ask<SecretRow>(
      `Listing the secrets of ${clientId}`,
      `select id, tag, created_at, last_used_at from api_client_secrets
        where client_id = $1 and ${LIVE} order by created_at, id`,
      [clientId],
    );
    return rows.map(listed);
  },
  browse,
};

interface SecretRow {
  id: string;
  tag: string | null;
  created_at: Date;
  last_used_at: Date | null;
}

function listed(row: SecretRow): ListedSecret {
  return {
    externalId: row.id,
    ...(row.tag === null ? {} : { tag: row.tag }),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

const outOfOrder = (what: string, retry: 'later' | 'unknown', cause: unknown) =>
  new ConnectorError(`${what} failed: the database does not answer. It is tried again.`, retry, { cause });

async function ask<Row extends pg.QueryResultRow>(
  what: string,
  sql: string,
  values: unknown[],
): Promise<Row[]> {
  try {
    return (await db().pool.query<Row>(sql, values)).rows;
  } catch (error) {
    throw outOfOrder(what, 'later', error);
  }
}

/** Runs work that stands or falls as one. Whether a lost commit has taken effect is not known. */
async function transaction<T>(what: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await db()
    .pool.connect()
    .catch((error: unknown) => {
      throw outOfOrder(what, 'later', error);
    });
  let broken = false;
  // A connection that breaks while it is taken would otherwise end the process; the statement after it fails anyway.
  const note = () => {
    broken = true;
  };
  client.on('error', note);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit').catch((error: unknown) => {
      throw outOfOrder(what, 'unknown', error);
    });
    return result;
  } catch (error) {
    await client.query('rollback').catch(note);
    throw error instanceof ConnectorError ? error : outOfOrder(what, 'later', error);
  } finally {
    client.off('error', note);
    client.release(broken);
  }
}

/**
 * The client, which nothing else changes until the transaction ends. What people may bind to a target they may read
 * there, so a client that may do more than an operator is rotated by hand.
 */
async function lockClient(client: pg.PoolClient, clientId: string): Promise<void> {
  const { rows } = await client.query<{ name: string; role: string; has_keys: boolean }>(
    `select name, role, jwks is not null as has_keys from api_clients
      where id = $1 and revoked_at is null for update`,
    [clientId],
  );
  const [row] = rows;
  if (row === undefined) {
    throw new ConnectorError(`There is no API client ${clientId}, or it was revoked.`, 'never');
  }
  if (row.has_keys) {
    throw new ConnectorError(`${row.name} signs in with a key of its own and has no secret.`, 'never');
  }
  if (!['viewer', 'auditor', 'operator'].includes(row.role)) {
    throw new ConnectorError(
      `${row.name} has the role ${row.role}. Whoever may bind its secret to a target could act as it, so it is rotated by hand in Developer tools. Give it the role operator or less.`,
      'never',
    );
  }
}

async function issue(call: BuiltinCall, { rotationId }: IssueWish): Promise<Issued> {
  const { clientId } = call.place;
  const { secret, hash, hint } = newClientSecret();
  const externalId = await transaction(`Issuing a secret for ${clientId}`, async (client) => {
    await lockClient(client, clientId);
    const { rows } = await client.query<{ hint: string }>(
      `select hint from api_client_secrets where client_id = $1 and ${LIVE} order by created_at, id`,
      [clientId],
    );
    if (rows.length >= MOST_LIVE) {
      const hints = rows.map((row) => `…${row.hint}`).join(', ');
      const sentence = `${clientId} has ${MOST_LIVE} secrets that work (${hints}). End one in Developer tools.`;
      throw new ConnectorError(sentence, 'never', { because: 'conflict' });
    }
    const id = randomUUID();
    await client.query(
      'insert into api_client_secrets (id, client_id, hash, hint, tag) values ($1, $2, $3, $4, $5)',
      [id, clientId, hash, hint, rotationId],
    );
    return id;
  });
  return { externalId, fields: { clientId: new Plaintext(clientId), clientSecret: secret }, hint };
}

async function verify(call: BuiltinCall, { clientSecret }: Fields): Promise<'accepted' | 'rejected'> {
  if (clientSecret === undefined)
    throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
  const { clientId } = call.place;
  const rows = await ask<{ hash: string }>(
    `Trying a secret of ${clientId}`,
    `select s.hash from api_client_secrets s
      where s.client_id = $1 and ${LIVE}
        and exists (select from api_clients c where c.id = s.client_id and c.revoked_at is null)`,
    [clientId],
  );
  const presented = Buffer.from(hashOfSecret(clientSecret));
  return rows.some(({ hash }) => timingSafeEqual(Buffer.from(hash), presented)) ? 'accepted' : 'rejected';
}

async function revoke(call: BuiltinCall, externalId: string): Promise<void> {
  const { clientId } = call.place;
  await transaction(`Revoking the secret ${externalId} of ${clientId}`, async (client) => {
    await client.query('select from api_clients where id = $1 for update', [clientId]);
    await client.query(
      `update api_client_secrets set revoked_at = rekey_now()
        where client_id = $1 and id::text = $2 and revoked_at is null`,
      [clientId, externalId],
    );
  });
}

async function browse(): Promise<Browsed[]> {
  const rows = await ask<{ id: string; name: string; secrets: { [K in keyof SecretRow]: string | null }[] }>(
    'Looking up the API clients',
    `select c.id, c.name, coalesce(s.secrets, '[]') as secrets
       from api_clients c
       left join lateral (
         select json_agg(json_build_object('id', id, 'tag', tag, 'created_at', created_at, 'last_used_at', last_used_at)
                         order by created_at, id) as secrets
           from api_client_secrets where client_id = c.id and ${LIVE}) s on true
      where c.revoked_at is null and c.jwks is null order by c.name, c.id limit 500`,
    [],
  );
  return rows.map(({ id, name, secrets }) => ({
    place: { clientId: id },
    label: name,
    secrets: secrets.map((secret) =>
      listed({
        id: String(secret.id),
        tag: secret.tag,
        created_at: new Date(String(secret.created_at)),
        last_used_at: secret.last_used_at === null ? null : new Date(secret.last_used_at),
      }),
    ),
  }));
}
