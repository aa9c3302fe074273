import { createHash } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'mysql2';

/**
 * The part of MySQL 8.4 that keeps accounts with two passwords, over its own protocol, as it is documented at
 * https://dev.mysql.com/doc/refman/8.4/en/alter-user.html and .../password-management.html#dual-passwords; and as
 * much of MariaDB 10.11 as has one. Every account has the plugin mysql_native_password.
 */
export interface FakeMysql {
  readonly port: number;
  readonly accounts: Map<string, FakeAccount>;
  version: string;
  /** Answers every query, or only those that hold the text, with this error. */
  trouble: { code: number; message: string; on?: string } | undefined;
  /** Which account a user is taken for, where it is not `user@%`. */
  readonly takenFor: Map<string, string>;
  close(): Promise<void>;
}

export interface FakeAccount {
  hash: string;
  retained: string | null;
  plugin: string;
  /** Error with which a right password is answered all the same. */
  locked?: number;
  metadata: Record<string, unknown>;
  /** Replaces `User_attributes`. */
  odd?: string;
}

const sha1 = (...parts: (string | Buffer)[]) => {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
export const nativeHash = (password: string) => `*${sha1(sha1(password)).toString('hex').toUpperCase()}`;

export const fakeAccount = (password: string): FakeAccount => ({
  hash: nativeHash(password),
  retained: null,
  plugin: 'mysql_native_password',
  metadata: {},
});

class Failure extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface SignIn {
  readonly user: string;
  readonly authPluginData1: Buffer;
  readonly authPluginData2: Buffer;
  readonly authToken: Buffer;
}

/** What the packages' types leave out of the server's side. */
interface ServerSide {
  stream: { destroy(): void };
  /** Each question of a client begins at 0 again. */
  sequenceId: number;
  writeOk(): void;
  writeError(error: { code: number; message: string }): void;
  writeTextResult(rows: Record<string, unknown>[], columns: Record<string, unknown>[]): void;
  serverHandshake(args: unknown): void;
  on(event: string, listener: (query: string) => void): void;
}

/** Starts it on 127.0.0.1. Its accounts are named `user@host`. */
export async function fakeMysql(
  accounts: Record<string, FakeAccount>,
  version = '8.4.6',
): Promise<FakeMysql> {
  const fake = {
    accounts: new Map(Object.entries(accounts)),
    version,
    trouble: undefined as FakeMysql['trouble'],
    takenFor: new Map<string, string>(),
  };
  const open = new Set<ServerSide>();
  let count = 0;
  const server = createServer((raw: unknown) => {
    const connection = raw as ServerSide;
    let me = '';
    open.add(connection);
    connection.on('error', () => {});
    const reply = (query: string) => {
      try {
        const rows = answer(fake, me, query);
        if (rows === null) connection.writeOk();
        else connection.writeTextResult(rows, columnsOf(rows));
      } catch (error) {
        const { code, message } = error instanceof Failure ? error : new Failure(1105, 'Unknown error');
        connection.writeError({ code, message });
      }
      connection.sequenceId = 0;
    };
    connection.on('query', reply);
    // The package takes every SET for this.
    connection.on('stmt_prepare', () => {
      connection.writeOk();
      connection.sequenceId = 0;
    });
    count += 1;
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: fake.version,
      connectionId: count,
      statusFlags: 2,
      characterSet: 45,
      // Without TLS (0x800) and compression (0x20).
      capabilityFlags: 0xff_ff_ff & ~0x8_20,
      authCallback: (
        signIn: SignIn,
        done: (error: null, refused?: { code: number; message: string }) => void,
      ) => {
        me = fake.takenFor.get(signIn.user) ?? `${signIn.user}@%`;
        const refused = refusalOf(fake.accounts.get(me), signIn);
        if (refused === null) done(null);
        else done(null, refused);
        connection.sequenceId = 0;
      },
    });
  });
  const { _server: listener } = server as unknown as { _server: Server };
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  return Object.assign(fake, {
    port,
    close: () =>
      new Promise<void>((resolve) => {
        listener.close(() => resolve());
        for (const { stream } of open) stream.destroy();
      }),
  });
}

function refusalOf(
  account: FakeAccount | undefined,
  signIn: SignIn,
): { code: number; message: string } | null {
  const denied = {
    code: 1045,
    message: `Access denied for user '${signIn.user}'@'127.0.0.1' (using password: YES)`,
  };
  const hashes = account === undefined ? [] : [account.hash, account.retained];
  if (!hashes.some((hash) => hash !== null && fits(hash, signIn))) return denied;
  const { locked } = account ?? {};
  return locked === undefined ? null : { code: locked, message: 'Access denied. Account is locked.' };
}

/** The proof of mysql_native_password: SHA1(password) hidden under SHA1(seed + SHA1(SHA1(password))). */
function fits(hash: string, { authPluginData1, authPluginData2, authToken }: SignIn): boolean {
  const stored = Buffer.from(hash.slice(1), 'hex');
  const mask = sha1(authPluginData1, authPluginData2.subarray(0, 12), stored);
  if (authToken.length !== mask.length) return false;
  return sha1(Buffer.from(authToken.map((byte, index) => byte ^ (mask[index] ?? 0)))).equals(stored);
}

const columnsOf = (rows: Record<string, unknown>[]) =>
  Object.keys(rows[0] ?? { none: null }).map((name) => ({
    catalog: 'def',
    schema: '',
    table: '',
    orgTable: '',
    name,
    orgName: '',
    characterSet: 45,
    columnLength: 1024,
    columnType: 253,
    flags: 0,
    decimals: 0,
  }));

type State = Omit<FakeMysql, 'port' | 'close'>;

function answer(fake: State, me: string, query: string): Record<string, unknown>[] | null {
  const { trouble, version, accounts } = fake;
  if (trouble !== undefined && query.includes(trouble.on ?? ''))
    throw new Failure(trouble.code, trouble.message);
  if (query === 'select version() as version') return [{ version }];
  if (query === 'select current_user() as account') return [{ account: me }];
  if (query.startsWith('select User as user'))
    return [...accounts.keys()].map((name) => ({ user: name.split('@')[0], host: name.split('@')[1] }));
  const wanted = /where User = '([^']*)' and Host = '([^']*)'$/.exec(query);
  if (wanted) return rowOf(accounts.get(`${wanted[1]}@${wanted[2]}`), /mariadb/i.test(version));
  const altered = /^alter user (if exists )?'([^']*)'@'([^']*)' (.*)$/s.exec(query);
  if (altered === null) throw new Failure(1064, 'You have an error in your SQL syntax');
  const account = accounts.get(`${altered[2]}@${altered[3]}`);
  if (account !== undefined) alter(account, altered[4] ?? '');
  else if (altered[1] === undefined) throw new Failure(1396, 'Operation ALTER USER failed');
  return null;
}

function rowOf(account: FakeAccount | undefined, mariadb: boolean): Record<string, unknown>[] {
  if (account === undefined) return [];
  const { plugin, retained, metadata, odd } = account;
  const attributes = {
    ...(retained === null ? {} : { additional_password: retained }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
  return [{ plugin, more: odd ?? (mariadb ? '' : JSON.stringify(attributes)) }];
}

/** The clauses in their documented order: how it is identified, then the attribute. */
function alter(account: FakeAccount, clause: string): void {
  const [, how = '', attribute] = /^(.*?)(?: attribute '(.*)')?$/s.exec(clause) ?? [];
  const by = /^identified by '([^']*)'( retain current password)?$/.exec(how);
  const as = /^identified with mysql_native_password as 0x([0-9a-f]+)$/.exec(how);
  const using = /^identified via mysql_native_password using '(\*[0-9A-F]{40})'$/.exec(how);
  if (by) {
    if (by[2]) account.retained = account.hash;
    account.hash = nativeHash(by[1] ?? '');
  } else if (as) account.hash = Buffer.from(as[1] ?? '', 'hex').toString();
  else if (using) account.hash = using[1] ?? '';
  else if (how === 'discard old password') account.retained = null;
  else throw new Failure(1064, 'You have an error in your SQL syntax');
  if (attribute !== undefined)
    account.metadata = merged(account.metadata, JSON.parse(attribute.replaceAll('\\"', '"')));
}

/** JSON_MERGE_PATCH (RFC 7396), as ATTRIBUTE does it. */
function merged(into: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const result = { ...into };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else if (typeof value === 'object')
      result[name] = merged(
        (result[name] ?? {}) as Record<string, unknown>,
        value as Record<string, unknown>,
      );
    else result[name] = value;
  }
  return result;
}
