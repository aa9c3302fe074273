import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Call, ConnectorError } from '#connectors/contract.ts';
import { ANSWER_MS, CONNECT_MS, noAnswer, type Route, routeTo } from '#connectors/own-socket.ts';
import type { Plaintext } from '#lib/plaintext.ts';

/** Sessions with a PostgreSQL server over the guarded way, and what its errors mean. */

type ServerCall = Call<{ host: string; port: number; encryption: 'tls' | 'none' }, unknown>;

export interface SignIn {
  readonly user: string;
  readonly password: Plaintext;
  readonly database: string;
}

export interface Session {
  query(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** All of it or nothing. From its commit on a lost answer is unknown; before, nothing can have happened. */
  transaction<T>(act: () => Promise<T>): Promise<T>;
}

/** Signs in, uses the session and closes it. Throws `ConnectorError`, with permission where the sign-in is refused. */
export async function withSession<T>(
  call: ServerCall,
  signIn: SignIn,
  what: string,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const { socket, client } = open(await routeTo(call, what), signIn, async () => signIn.password.expose());
  const abandon = () => socket.destroy();
  call.signal.addEventListener('abort', abandon, { once: true });
  let sent = false;
  try {
    await client.connect();
    const query = async (sql: string, values: readonly unknown[] = []) =>
      (await client.query<Record<string, unknown>>(sql, [...values])).rows;
    const transaction = async <R>(act: () => Promise<R>) => {
      await query('begin');
      await query("set local lock_timeout = '3s'");
      const result = await act();
      sent = true;
      await query('commit');
      sent = false;
      return result;
    };
    return await use({ query, transaction });
  } catch (error) {
    throw error instanceof ConnectorError ? error : failure(error, what, call.config, signIn, sent);
  } finally {
    call.signal.removeEventListener('abort', abandon);
    close(client, socket);
  }
}

/**
 * Signs in only. `unasked`: the server let the role in without asking for a password, which proves nothing about one.
 */
export async function tryPassword(
  call: ServerCall,
  signIn: SignIn,
  what: string,
): Promise<'accepted' | 'rejected' | 'unasked'> {
  let asked = false;
  const { socket, client } = open(await routeTo(call, what), signIn, async () => {
    asked = true;
    return signIn.password.expose();
  });
  const abandon = () => socket.destroy();
  call.signal.addEventListener('abort', abandon, { once: true });
  try {
    await client.connect();
    return asked ? 'accepted' : 'unasked';
  } catch (error) {
    const verdict = verdictOf(error, asked);
    if (verdict === null) throw signInFailure(error, what, call.config, signIn);
    return verdict;
  } finally {
    call.signal.removeEventListener('abort', abandon);
    close(client, socket);
  }
}

/**
 * Whether the server asks this role for a password at all. It goes away when it is asked, as psql does, so nothing
 * is tried and no failed sign-in is written down.
 */
export async function asksForPassword(call: ServerCall, signIn: SignIn, what: string): Promise<boolean> {
  const asked = new Error('asked');
  const { socket, client } = open(await routeTo(call, what), signIn, async () => {
    throw asked;
  });
  const abandon = () => socket.destroy();
  call.signal.addEventListener('abort', abandon, { once: true });
  try {
    await client.connect();
    return false;
  } catch (error) {
    if (error === asked) return true;
    throw signInFailure(error, what, call.config, signIn);
  } finally {
    call.signal.removeEventListener('abort', abandon);
    socket.destroy();
  }
}

/** A SCRAM-SHA-256 verifier as PostgreSQL stores it (RFC 5803), so that the password itself is in no statement and no log. */
export async function scramVerifier(password: Plaintext, salt = randomBytes(16)): Promise<string> {
  const iterations = 4096;
  const salted = await promisify(pbkdf2)(prepared(password.expose()), salt, iterations, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const serverKey = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** The steps of SASLprep (RFC 4013) that change bytes, as the server and its clients do them. Values we choose are ASCII. */
function prepared(password: string): string {
  return password
    .replace(/[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/gu, ' ')
    .replace(/\u00AD|\u034F|\u1806|\u180B|\u180C|\u180D|\u200C|\u200D|\u2060|[\uFE00-\uFE0F]|\uFEFF/gu, '')
    .normalize('NFKC');
}

function open(route: Route, { user, database }: SignIn, password: () => Promise<string>) {
  const socket = new Socket();
  const client = new pg.Client({
    host: route.address,
    port: route.port,
    user,
    database,
    password,
    ssl: route.tls ?? false,
    stream: () => socket,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    application_name: 'rekey',
  });
  // What it says is also what the open call rejects with.
  client.on('error', () => {});
  return { socket, client };
}

/** Says goodbye where somebody listens, and waits for nobody. */
function close(client: pg.Client, socket: Socket): void {
  client.end().catch(() => {});
  setTimeout(() => socket.destroy(), 500).unref();
}

/**
 * A refusal of the password is 28P01. 28000 is that too where the role may not log in, which is looked at after the
 * password; elsewhere it is about the address (pg_hba.conf). 42501 means that the password was right and the database
 * is closed to the role.
 */
function verdictOf(error: unknown, asked: boolean): 'accepted' | 'rejected' | null {
  if (!(error instanceof pg.DatabaseError)) return null;
  if (error.code === '28P01') return 'rejected';
  if (error.code === '28000' && error.routine === 'InitializeSessionUserId') return 'rejected';
  return error.code === '42501' && asked ? 'accepted' : null;
}

function signInFailure(
  error: unknown,
  what: string,
  server: ServerCall['config'],
  signIn: SignIn,
): ConnectorError {
  if (!(error instanceof pg.DatabaseError) || error.code !== '28000')
    return failure(error, what, server, signIn, false);
  const sentence = `${what} failed: ${server.host}:${server.port} does not let ${signIn.user} sign in from here (28000), so nothing is known about the password. Look at its pg_hba.conf.`;
  return new ConnectorError(sentence, 'never');
}

function failure(
  error: unknown,
  what: string,
  server: ServerCall['config'],
  { user, database }: SignIn,
  sent: boolean,
): ConnectorError {
  // What ends the connection at the commit does not say whether it was carried out.
  const ended = sent && error instanceof pg.DatabaseError && ENDS.test(error.code ?? '');
  if (error instanceof pg.DatabaseError && error.code !== undefined && !ended) {
    return refusal(error.code, `${what} failed: ${server.host}:${server.port}`, user, database);
  }
  if (error instanceof Error && error.message === 'The server does not support SSL connections') {
    const sentence = `${what} failed: ${server.host}:${server.port} speaks no TLS. Nothing was sent; switch ssl on there, or set the encryption to none where nobody else can read the network.`;
    return new ConnectorError(sentence, 'never');
  }
  return noAnswer(error, what, server, sent);
}

/** The connection, or the server behind a pooler, is gone. */
const ENDS = /^(08|57|58|XX)/;

/** Operator intervention, too many connections, a lock, a conflict of transactions, the server itself. */
const PASSES = /^(08|40|53|55|57|58|XX)/;

/** An error that the server answered with: it rolls back, so nothing changed. */
function refusal(code: string, failed: string, user: string, database: string): ConnectorError {
  if (code === '28P01' || code === '28000') {
    const sentence = `${failed} refuses the stored sign-in of ${user} (${code}). Nothing was changed; check its password, and pg_hba.conf.`;
    return new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  if (code === '42501') {
    const sentence = `${failed} does not permit it to ${user} (42501). Nothing was changed; grant ${user} what is missing.`;
    return new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  if (code === '3D000')
    return new ConnectorError(`${failed} has no database ${database}. Correct the database.`, 'never');
  return PASSES.test(code)
    ? new ConnectorError(`${failed} cannot do it now (${code}). Nothing was changed.`, 'later')
    : new ConnectorError(
        `${failed} answered ${code}. Nothing was changed; trying again changes nothing.`,
        'never',
      );
}
