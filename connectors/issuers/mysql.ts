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
import { type Account, accountAt, idsOf, mustBe, noteOf } from '#connectors/issuers/mysql-account.ts';
import { accountOf, type Session, withSession } from '#connectors/mysql.ts';
import { serverFields } from '#connectors/own-socket.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  server: z.enum(['mysql', 'mariadb']).default('mysql').meta({
    title: 'Server',
    description:
      'mysql: 8.0.21 or newer, two passwords at the same time. mariadb: 10.4 or newer, one password.',
  }),
  ...serverFields(3306),
  user: z
    .string()
    .min(1)
    .max(128)
    .meta({ title: 'User Rekey signs in with', description: 'Not one that is rotated here.' }),
  password: secretText().meta({ title: 'Its password' }),
});

const place = z.object({
  user: z.string().min(1).max(128).meta({ title: 'User' }),
  host: z.string().min(1).max(255).default('%').meta({
    title: 'Host of the account',
    description: 'The part behind the @. Rekey must be able to sign in as this account from where it runs.',
  }),
});

type Config = z.output<typeof config>;
type Place = z.output<typeof place>;
type MysqlCall = Call<Config, Place>;

/** Digits and marks stand in it several times, so that a policy that wants some of each finds them in every value. */
const ALPHABET = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz${'0123456789'.repeat(3)}${'-_.~'.repeat(6)}`;

/**
 * The password of a MySQL or MariaDB account.
 *
 * MySQL keeps the current password beside the new one until it is discarded (maxLive 2, explicit, chosenValue:
 * https://dev.mysql.com/doc/refman/8.4/en/password-management.html#dual-passwords). A second RETAIN would drop the
 * oldest, so issuing is refused while one is retained. Which rotation set which is noted in the account's attribute,
 * in the same statement (tags, list: https://dev.mysql.com/doc/refman/8.4/en/alter-user.html#alter-user-comments-attributes).
 * On the way back the retained hash is made the password again. Somebody who changes the password by hand leaves the
 * note as it is. MariaDB has one password, replaced at once (maxLive 1: https://mariadb.com/kb/en/alter-user/).
 * Both can lock an account after failed sign-ins, so a dead password is never tried (failedSignIns:
 * https://dev.mysql.com/doc/refman/8.4/en/password-management.html#failed-login-tracking). Open sessions live on.
 */
export const mysql: IssuerConnector<typeof config, typeof place> = {
  kind: 'mysql',
  title: 'MySQL or MariaDB user',
  aliases: ['database'],
  docs: 'https://dev.mysql.com/doc/refman/8.4/en/password-management.html#dual-passwords',
  needs:
    'CREATE USER, and SELECT on mysql.user (MySQL) or mysql.global_priv (MariaDB); for accounts that have SYSTEM_USER also SYSTEM_USER.',
  proven: { against: 'real server', what: 'MySQL 9.7.4 and MariaDB 10.11.19', on: '2026-11-28' },
  config,
  place,
  secretField: 'password',
  can: ({ server }) => ({
    maxLive: server === 'mysql' ? 2 : 1,
    overlap: server === 'mysql' ? 'explicit' : 'none',
    chosenValue: true,
    readBack: false,
    list: server === 'mysql',
    tags: server === 'mysql',
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds: 0,
    failedSignIns: 'none',
  }),
  check,
  issue,
  verify,
  revoke,
  listSecrets,
  chosen: () => ({ alphabet: ALPHABET, length: 48 }),
  browse,
};

const nameOf = ({ user, host }: Place) => `${user}@${host}`;

/** Signs in as Rekey, at the kind of server that is configured. */
function atServer<T>(
  call: Call<Config, unknown>,
  what: string,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  return withSession(call, call.config, what, async (session) => {
    await mustBe(session, call.config.server);
    return use(session);
  });
}

/** The same, with the account of the place. */
function withAccount<T>(
  call: MysqlCall,
  what: string,
  use: (session: Session, account: Account) => Promise<T>,
): Promise<T> {
  const { config, place } = call;
  return atServer(call, what, async (session) => {
    if (place.user === config.user) {
      const sentence = `${place.user} is the user Rekey signs in with, which would lock itself out. Nothing was changed; give Rekey another user.`;
      throw new ConnectorError(sentence, 'never');
    }
    return use(session, await accountAt(session, config.server, place));
  });
}

async function check(call: MysqlCall): Promise<void> {
  await withAccount(call, `Checking ${nameOf(call.place)}`, async ({ ask }) => {
    // Privileges are looked at before the account is: this one does not exist, so nothing changes.
    await ask("alter user if exists 'rekey-check'@'nobody.invalid' account lock");
  });
}

async function issue(call: MysqlCall, { rotationId, chosen }: IssueWish): Promise<Issued> {
  if (chosen === undefined) throw new ConnectorError('The server was given no value to set.', 'never');
  const { config, place } = call;
  await withAccount(call, `Issuing a password for ${nameOf(place)}`, async ({ change }, account) => {
    const of = [place.user, place.host];
    if (config.server === 'mariadb') return replace({ change }, of, account.plugin, chosen);
    const note = { primary: rotationId, retained: account.tags.primary };
    if (account.tags.primary === rotationId) {
      // A lost answer: the same value again, and the retained one stays as it is.
      return change('alter user ?@? identified by ?', [...of, chosen.expose()]);
    }
    mustHaveRoom(place, account);
    return change('alter user ?@? identified by ? retain current password attribute ?', [
      ...of,
      chosen.expose(),
      noteOf(note),
    ]);
  });
  const fields = { username: new Plaintext(place.user), password: chosen };
  return { externalId: `${place.user}#${rotationId}`, fields };
}

/** By the account's own plugin; where that is the usual one, only a hash leaves this machine. */
function replace(
  { change }: Pick<Session, 'change'>,
  of: readonly string[],
  plugin: string,
  value: Plaintext,
): Promise<void> {
  if (plugin !== 'mysql_native_password')
    return change(`alter user ?@? identified via ${plugin} using password(?)`, [...of, value.expose()]);
  const sha1 = (data: string | Buffer) => createHash('sha1').update(data).digest();
  const hash = `*${sha1(sha1(value.expose())).toString('hex').toUpperCase()}`;
  return change('alter user ?@? identified via mysql_native_password using ?', [...of, hash]);
}

function mustHaveRoom(place: Place, account: Account): void {
  const { primary, retained } = idsOf(place, account);
  if (retained === null) return;
  const sentence = `${nameOf(place)} already has two passwords: ${primary} and ${retained} are live. Nothing was issued, because the older one would be lost; revoke it first (DISCARD OLD PASSWORD).`;
  throw new ConnectorError(sentence, 'never', { because: 'conflict' });
}

/** Never asked about a dead password: the account could be locked. */
async function verify(call: MysqlCall, fields: Fields): Promise<'accepted' | 'rejected'> {
  const { password } = fields;
  if (password === undefined)
    throw new ConnectorError('This version has no field `password` to sign in with.', 'never');
  const { user } = call.place;
  const account = await accountOf(call, { user, password }, `Signing in as ${user}`);
  if (account === null) return 'rejected';
  if (account === nameOf(call.place)) return 'accepted';
  const sentence = `From here the server takes ${user} for the account ${account.slice(0, 300)} and not for ${nameOf(call.place)}, so nothing is known about its password. Correct the host of the place.`;
  throw new ConnectorError(sentence, 'never');
}

async function revoke(call: MysqlCall, externalId: string): Promise<void> {
  const { config, place } = call;
  const of = [place.user, place.host];
  await withAccount(call, `Revoking ${externalId}`, async ({ change }, account) => {
    if (config.server === 'mariadb')
      throw new ConnectorError(`${nameOf(place)} has one password, which the next one replaces.`, 'never');
    const { primary, retained } = idsOf(place, account);
    const discard = (note: Parameters<typeof noteOf>[0]) =>
      change('alter user ?@? discard old password attribute ?', [...of, noteOf(note)]);
    if (externalId === retained) return discard({ retained: null });
    if (externalId !== primary) return;
    if (account.retainedHash === null) {
      const sentence = `${externalId} is the only password of ${nameOf(place)}. Nothing was revoked; issue the next one first, or lock the account by hand.`;
      throw new ConnectorError(sentence, 'never', { because: 'conflict' });
    }
    // The retained one takes the place of the newer one. Begun again after a lost answer, it ends the same.
    const hash = Buffer.from(account.retainedHash, 'utf8').toString('hex');
    await change(`alter user ?@? identified with ${account.plugin} as 0x${hash}`, of);
    return discard({ primary: account.tags.retained, retained: null });
  });
}

async function listSecrets(call: MysqlCall): Promise<ListedSecret[]> {
  return withAccount(call, `Listing the passwords of ${nameOf(call.place)}`, async (_session, account) => {
    const { primary, retained } = idsOf(call.place, account);
    const { tags } = account;
    return [listed(primary, tags.primary), ...(retained === null ? [] : [listed(retained, tags.retained)])];
  });
}

function listed(externalId: string, tag: string | null): ListedSecret {
  return { externalId, ...(tag === null ? {} : { tag }), createdAt: null, lastUsedAt: null };
}

async function browse(call: Call<Config, null>): Promise<Browsed[]> {
  const rows = await atServer(call, 'Listing the accounts', ({ ask }) =>
    ask(
      `select User as user, Host as host from mysql.${call.config.server === 'mysql' ? 'user' : 'global_priv'} order by 1, 2 limit 500`,
    ),
  );
  return z
    .array(place)
    .catch([])
    .parse(rows.filter(({ user, host }) => user !== '' && host !== ''))
    .filter(({ user }) => user !== call.config.user && !/^(mysql|mariadb)\./.test(user))
    .map((one) => ({ place: one, label: nameOf(one), secrets: [] }));
}
