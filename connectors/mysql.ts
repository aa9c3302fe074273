import { isIP, Socket } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { type Call, ConnectorError } from '#connectors/contract.ts';
import { ANSWER_MS, CONNECT_MS, codeOf, noAnswer, type Route, routeTo } from '#connectors/own-socket.ts';
import type { Plaintext } from '#lib/plaintext.ts';

/** Sessions with a MySQL or MariaDB server over the guarded way, and what its errors mean. */

type ServerCall = Call<{ host: string; port: number; encryption: 'tls' | 'none' }, unknown>;

export interface Session {
  /** Asks for something that changes nothing. */
  ask(sql: string, values?: readonly string[]): Promise<Record<string, unknown>[]>;
  /** From here on a lost answer is unknown. */
  change(sql: string, values?: readonly string[]): Promise<void>;
}

/** The server's error numbers, alike in MySQL and MariaDB where both have them. */
const REJECTED = new Set([1045, 1698]);
/** The account is locked, by somebody or by too many tries: nothing is said about the password. */
const LOCKED = new Set([3118, 3955, 3956, 4151]);
const EXPIRED = 1862;
/** Too many connections, a shutdown, a lock, a limit per hour. */
const PASSES = new Set([1040, 1053, 1129, 1203, 1205, 1213, 1226]);
const FORBIDDEN = new Set([1044, 1045, 1142, 1143, 1227, 1698, 1370]);

/** Signs in, uses the session and closes it. What it throws is a `ConnectorError`, with permission where the sign-in is refused. */
export async function withSession<T>(
  call: ServerCall,
  signIn: { user: string; password: Plaintext },
  what: string,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const { config } = call;
  const route = await routeTo(call, what);
  if (route.tls !== null && isIP(route.servername) !== 0) throw needsName(what, config.host);
  const socket = new Socket();
  const abandon = () => socket.destroy();
  call.signal.addEventListener('abort', abandon, { once: true });
  let sent = false;
  try {
    const connection = await createConnection(optionsFor(route, signIn, socket));
    connection.on('error', () => {});
    // Values are quoted with backslashes, which this mode would take literally.
    await connection.query("set session sql_mode = replace(@@session.sql_mode, 'NO_BACKSLASH_ESCAPES', '')");
    const query = async (sql: string, values: readonly string[] = []) => {
      const [rows] = await connection.query({ sql, timeout: ANSWER_MS }, [...values]);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    };
    return await use({
      ask: query,
      change: async (sql, values) => {
        sent = true;
        await query(sql, values);
        sent = false;
      },
    });
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    throw failure(error, what, config, signIn.user, sent);
  } finally {
    call.signal.removeEventListener('abort', abandon);
    socket.destroy();
  }
}

/** Signs in only, and answers which account the server took the user for. Null where the password is refused. */
export async function accountOf(
  call: ServerCall,
  signIn: { user: string; password: Plaintext },
  what: string,
): Promise<string | null> {
  try {
    return await withSession(call, signIn, what, async ({ ask }) => {
      const [row] = await ask('select current_user() as account');
      return String(row?.account);
    });
  } catch (error) {
    if (error instanceof ConnectorError && error.cause === REFUSED_SIGN_IN) return null;
    throw error;
  }
}

/** Marks the refusal of a sign-in apart from other lacks of permission. */
const REFUSED_SIGN_IN = 'the sign-in was refused';

function optionsFor(route: Route, { user, password }: { user: string; password: Plaintext }, socket: Socket) {
  const { ca, cert, key } = route.tls ?? {};
  const material = Object.entries({ ca, cert, key }).filter(([, value]) => value !== undefined);
  return {
    host: route.servername,
    port: route.port,
    user,
    password: password.expose(),
    connectTimeout: CONNECT_MS,
    charset: 'utf8mb4',
    stream: () => socket.setNoDelay(true).connect(route.port, route.address),
    ...(route.tls === null
      ? {}
      : { ssl: { ...Object.fromEntries(material), rejectUnauthorized: true, verifyIdentity: true } }),
  };
}

function needsName(what: string, host: string): ConnectorError {
  const sentence = `${what} failed: the certificate of ${host} cannot be compared with an address. Enter the server's name as it stands in its certificate.`;
  return new ConnectorError(sentence, 'never');
}

function failure(
  error: unknown,
  what: string,
  server: ServerCall['config'],
  user: string,
  sent: boolean,
): ConnectorError {
  const code = codeOf(error);
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') {
    const sentence = `${what} failed: ${server.host}:${server.port} speaks no TLS. No password was sent; switch TLS on there, or set the encryption to none where nobody else can read the network.`;
    return new ConnectorError(sentence, 'never');
  }
  // The driver puts this code over whatever the reason was; of the reasons only a cut connection passes by itself.
  if (
    code === 'HANDSHAKE_SSL_ERROR' &&
    !(error instanceof Error && /disconnected|ECONN|EPIPE/.test(error.message))
  )
    return noAnswer({ code: 'UNABLE_TO_VERIFY_CERT' }, what, server, false);
  const number = code?.startsWith('ER_') ? numberOf(error) : undefined;
  return number === undefined
    ? noAnswer(error, what, server, sent)
    : refusal(number, error, `${what} failed: ${server.host}:${server.port}`, user);
}

function numberOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errno' in error)) return undefined;
  return typeof error.errno === 'number' ? error.errno : undefined;
}

/** An error that the server answered with: the statement was not carried out. */
function refusal(number: number, error: unknown, failed: string, user: string): ConnectorError {
  if (REJECTED.has(number)) {
    const sentence = `${failed} refuses the sign-in of ${user} (${number}). Nothing was changed; check the password, and from where ${user} may sign in.`;
    return new ConnectorError(sentence, 'never', { because: 'permission', cause: REFUSED_SIGN_IN });
  }
  if (FORBIDDEN.has(number)) {
    const sentence = `${failed} does not permit it to ${user} (${number}): it lacks ${privilegeIn(error)}. Nothing was changed; grant it.`;
    return new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  if (LOCKED.has(number))
    return new ConnectorError(
      `${failed} says that the account ${user} is locked (${number}). Unlock it first.`,
      'never',
    );
  if (number === EXPIRED)
    return new ConnectorError(
      `${failed} says that the password of ${user} has expired (1862). Set PASSWORD EXPIRE NEVER, or set a new one.`,
      'never',
    );
  if (number === 1819)
    return new ConnectorError(
      `${failed} finds the value too weak for its password policy (1819). Nothing was changed; relax the policy.`,
      'never',
    );
  if (number === 1290 || number === 1836)
    return new ConnectorError(
      `${failed} is read-only (${number}). Nothing was changed; enter the server that takes changes.`,
      'never',
    );
  return PASSES.has(number)
    ? new ConnectorError(`${failed} cannot do it now (${number}). Nothing was changed.`, 'later')
    : new ConnectorError(
        `${failed} answered ${number}. Nothing was changed; trying again changes nothing.`,
        'never',
      );
}

/** The name of what is missing, of the two forms in which the servers say it. */
function privilegeIn(error: unknown): string {
  const text = error instanceof Error ? error.message : '';
  const named = /you need (?:\(at least one of\) )?the ([A-Z_ ,]{3,120}) privilege/.exec(text)?.[1];
  if (named !== undefined) return named;
  const table = /^([A-Z, ]{3,40}) command denied to user .* for table [`']?(?:mysql[`'.]*)?(\w{1,64})/.exec(
    text,
  );
  return table === null ? 'a privilege' : `${table[1]} on mysql.${table[2]}`;
}
