import { createHash } from 'node:crypto';
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
  secretText,
} from '#connectors/contract.ts';
import { mustBeAlone, mustHaveFile, mustMay, usableUser } from '#connectors/issuers/redis-acl-user.ts';
import { serverFields } from '#connectors/own-socket.ts';
import { authenticate, type Connection, Refused, withConnection } from '#connectors/redis.ts';
import { Plaintext } from '#lib/plaintext.ts';

const userName = z.string().min(1).max(128).regex(/^\S+$/, 'must have no spaces in it');

const config = z.object({
  ...serverFields(6379),
  user: userName.meta({ title: 'User Rekey signs in with', description: 'Not one that is rotated here.' }),
  password: secretText().meta({ title: 'Its password' }),
  persist: z.enum(['acl-save', 'config-rewrite', 'none']).default('acl-save').meta({
    title: 'How the server keeps its users',
    description:
      'acl-save: in its aclfile. config-rewrite: in redis.conf. none: a service does it; a restart of the server would bring dead passwords back.',
  }),
});

const place = z.object({ user: userName.meta({ title: 'User', description: 'An ACL user that exists.' }) });

type Config = z.output<typeof config>;
type RedisCall = Call<Config, z.output<typeof place>>;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * A Redis ACL user, which accepts several passwords at the same time (maxLive, explicit: `#hash` adds one and `!hash`
 * takes one away, https://redis.io/docs/latest/commands/acl-setuser/). Redis sets no limit to their number; ten
 * is where Rekey stops. The value is chosen here and only its SHA-256 is sent (chosenValue: the same page). Redis lists
 * these hashes (list: https://redis.io/docs/latest/commands/acl-getuser/); the first 16 digits name a version,
 * so a value that a person chose badly could be guessed from its name, as it could from Redis' own list. Nothing
 * locks a user (failedSignIns: https://redis.io/docs/latest/commands/auth/). Connections that are open live on.
 *
 * Users are kept on each server by itself and are not replicated: a replica, a server with replicas and a
 * cluster are refused by `check`, because their other servers would never know of the new password.
 */
export const redisAcl: IssuerConnector<typeof config, typeof place> = {
  kind: 'redis-acl',
  title: 'Redis ACL user',
  aliases: ['cache', 'database'],
  docs: 'https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/',
  needs:
    '+acl|getuser +acl|setuser +acl|dryrun +info, and +acl|save or +config|rewrite to keep it; +acl|list to browse.',
  proven: { against: 'real server', what: 'Redis 7.0.15', on: '2026-11-28' },
  config,
  place,
  secretField: 'password',
  can: () => ({
    maxLive: 10,
    overlap: 'explicit',
    chosenValue: true,
    readBack: false,
    list: true,
    tags: false,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds: 0,
    failedSignIns: 10,
  }),
  check,
  issue,
  verify,
  revoke,
  listSecrets,
  chosen: () => ({ alphabet: ALPHABET, length: 43 }),
  browse,
};

function signedIn<T>(
  call: Call<Config, unknown>,
  what: string,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { config } = call;
  return withConnection(call, what, async (connection) => {
    if ((await authenticate(connection, config.user, config.password)) === 'rejected')
      throw new Refused('WRONGPASS', ['AUTH']);
    return use(connection);
  });
}

async function check(call: RedisCall): Promise<void> {
  const { config, place } = call;
  await signedIn(call, `Checking ${place.user}`, async (connection) => {
    await usableUser(connection, call.config.user, call.place.user);
    await mustBeAlone(connection);
    await mustMay(connection, config.user, ['ACL', 'SETUSER', place.user]);
    if (config.persist === 'config-rewrite') await mustMay(connection, config.user, ['CONFIG', 'REWRITE']);
    if (config.persist !== 'acl-save') return;
    await mustMay(connection, config.user, ['ACL', 'SAVE']);
    await mustHaveFile(connection);
  });
}

const hashOf = (value: Plaintext) => createHash('sha256').update(value.expose()).digest('hex');
const idOf = (hash: string) => `sha256:${hash.slice(0, 16)}`;

async function issue(call: RedisCall, { chosen }: IssueWish): Promise<Issued> {
  if (chosen === undefined) throw new ConnectorError('Redis was given no value to set.', 'never');
  const { user: name } = call.place;
  const hash = hashOf(chosen);
  await signedIn(call, `Adding a password to ${name}`, async (connection) => {
    await usableUser(connection, call.config.user, call.place.user);
    await connection.change('ACL', 'SETUSER', name, `#${hash}`);
    await keep(connection, call);
  });
  return { externalId: idOf(hash), fields: { username: new Plaintext(name), password: chosen } };
}

/** Without this a restart brings back what was before. Saving again is harmless. */
async function keep({ change }: Connection, { config, place }: RedisCall): Promise<void> {
  if (config.persist === 'none') return;
  const command: [string, string] = config.persist === 'acl-save' ? ['ACL', 'SAVE'] : ['CONFIG', 'REWRITE'];
  try {
    await change(...command);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const sentence = `The passwords of ${place.user} were changed, and ${command.join(' ')} failed (${error.word}): a restart of the server would undo it. See that it can be saved, then try again.`;
    const because = error.word === 'NOPERM' ? ({ because: 'permission' } as const) : {};
    throw new ConnectorError(sentence, 'unknown', because);
  }
}

async function verify(call: RedisCall, fields: Fields): Promise<'accepted' | 'rejected'> {
  const { password } = fields;
  if (password === undefined)
    throw new ConnectorError('This version has no field `password` to sign in with.', 'never');
  const name = call.place.user;
  return withConnection(call, `Signing in as ${name}`, (connection) =>
    authenticate(connection, name, password),
  );
}

async function revoke(call: RedisCall, externalId: string): Promise<void> {
  const { user: name } = call.place;
  await signedIn(call, `Taking ${externalId} from ${name}`, async (connection) => {
    const { passwords } = await usableUser(connection, call.config.user, call.place.user);
    const [hash, ...more] = passwords.filter((one) => idOf(one) === externalId);
    if (more.length > 0) {
      const sentence = `${name} has several passwords that begin like ${externalId}. Nothing was revoked; take the right one away by hand.`;
      throw new ConnectorError(sentence, 'never', { because: 'conflict' });
    }
    if (hash !== undefined) await connection.change('ACL', 'SETUSER', name, `!${hash}`);
    // Also where it is gone already: an earlier try may have ended before it was saved.
    await keep(connection, call);
  });
}

async function listSecrets(call: RedisCall): Promise<ListedSecret[]> {
  const found = await signedIn(call, `Listing the passwords of ${call.place.user}`, (connection) =>
    usableUser(connection, call.config.user, call.place.user),
  );
  return found.passwords.map(listed);
}

const listed = (hash: string) => ({ externalId: idOf(hash), createdAt: null, lastUsedAt: null });

/** Reads `ACL LIST`: "user NAME on #hash … ~keys &channels +commands". */
async function browse(call: Call<Config, null>): Promise<Browsed[]> {
  const said = await signedIn(call, 'Listing the users', ({ ask }) => ask('ACL', 'LIST'));
  const lines = z.array(z.string()).safeParse(said);
  if (!lines.success)
    throw new ConnectorError('The answer of ACL LIST is of another form than documented.', 'never');
  return lines.data.slice(0, 500).flatMap((line) => {
    const [, name = '', ...rules] = line.split(' ');
    const hashes = rules.filter((rule) => /^#[0-9a-f]{64}$/.test(rule)).map((rule) => rule.slice(1));
    if (name === call.config.user || !rules.includes('on') || rules.includes('nopass')) return [];
    return [{ place: { user: name }, label: name, secrets: hashes.map(listed) }];
  });
}
