import { z } from 'zod';
import { ConnectorError } from '#connectors/contract.ts';
import { parseJson } from '#connectors/exchange.ts';
import type { Session } from '#connectors/mysql.ts';

/** What a MySQL or MariaDB server says about the account that is rotated. */

export interface PlaceOfAccount {
  readonly user: string;
  readonly host: string;
}

export interface Account {
  readonly plugin: string;
  /** The hash of the password that is kept beside the current one; null where there is none. MySQL only. */
  readonly retainedHash: string | null;
  /** The rotations whose passwords they are, as Rekey noted them in the account's attribute. */
  readonly tags: { readonly primary: string | null; readonly retained: string | null };
}

const tag = z
  .string()
  .regex(/^[\w.-]{1,64}$/)
  .nullish()
  .transform((value) => value ?? null)
  .catch(null);
const attributes = z.object({
  additional_password: z.string().min(1).optional(),
  metadata: z.object({ rekey: z.object({ primary: tag, retained: tag }).optional() }).optional(),
});

/** Plugins that keep a password in the server itself. */
const PLUGINS = ['caching_sha2_password', 'mysql_native_password', 'sha256_password', 'ed25519', 'parsec'];

const nothing = 'Nothing was changed.';

/** Which server it is really, and throws where it is not the configured one or too old. */
export async function mustBe({ ask }: Session, server: 'mysql' | 'mariadb'): Promise<void> {
  const [row] = await ask('select version() as version');
  const version = String(row?.version);
  const found = /mariadb/i.test(version) ? 'mariadb' : 'mysql';
  if (found !== server) {
    const sentence = `This server is ${found === 'mysql' ? 'MySQL' : 'MariaDB'} (${version.slice(0, 40)}), and the settings say ${server}. ${nothing} Correct the kind of server.`;
    throw new ConnectorError(sentence, 'never');
  }
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  const number = major * 1_000_000 + minor * 1000 + patch;
  if (number >= (server === 'mysql' ? 8_000_021 : 10_004_000)) return;
  const least = server === 'mysql' ? 'MySQL 8.0.21' : 'MariaDB 10.4';
  throw new ConnectorError(
    `This server is ${version.slice(0, 40)}; ${least} or newer is needed. ${nothing}`,
    'never',
  );
}

/** The account. Throws where it is missing, signs in without a password of the server's own, or in several ways. */
export async function accountAt(
  { ask }: Session,
  server: 'mysql' | 'mariadb',
  { user, host }: PlaceOfAccount,
): Promise<Account> {
  const more =
    server === 'mysql'
      ? 'cast(User_attributes as char) as more from mysql.user'
      : "if(json_exists(Priv, '$.auth_or'), 'several', '') as more, json_value(Priv, '$.plugin') as plugin from mysql.global_priv";
  const sql = `select ${server === 'mysql' ? 'plugin, ' : ''}${more} where User = ? and Host = ?`;
  const [row] = await ask(sql, [user, host]);
  if (row === undefined)
    throw new ConnectorError(`There is no account ${user}@${host}. ${nothing} Correct the place.`, 'never');
  const plugin = String(row.plugin);
  if (!PLUGINS.includes(plugin) || row.more === 'several') {
    const how = row.more === 'several' ? 'in more than one way' : `with ${plugin.slice(0, 40)}`;
    const sentence = `${user}@${host} signs in ${how}, and not with one password of the server's own. ${nothing}`;
    throw new ConnectorError(sentence, 'never');
  }
  return { plugin, ...(server === 'mysql' ? dual(row.more) : dual(null)) };
}

function dual(more: unknown): Pick<Account, 'retainedHash' | 'tags'> {
  const parsed = attributes.safeParse(more === null ? {} : parseJson(String(more)));
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.map(String).join('.') || 'User_attributes';
    const sentence = `mysql.user has a field \`${field}\` of another form than documented. ${nothing}`;
    throw new ConnectorError(sentence, 'never');
  }
  const { additional_password: retainedHash = null, metadata } = parsed.data;
  const { primary = null, retained = null } = metadata?.rekey ?? {};
  return { retainedHash, tags: { primary, retained } };
}

/** What the live passwords are called: unique per version for ever. The first one, which nobody tagged, is the user alone. */
export function idsOf({ user }: PlaceOfAccount, { retainedHash, tags }: Account) {
  const primary = tags.primary === null ? user : `${user}#${tags.primary}`;
  if (retainedHash === null) return { primary, retained: null };
  if (tags.retained !== null) return { primary, retained: `${user}#${tags.retained}` };
  return { primary, retained: tags.primary === null ? `${user}#retained` : user };
}

/** The attribute that notes whose passwords they are; null takes a note away (RFC 7396). Other attributes stay. */
export function noteOf(tags: { primary?: string | null; retained?: string | null }): string {
  return JSON.stringify({ rekey: tags });
}
