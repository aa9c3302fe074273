import { Redis } from 'ioredis';
import { type Call, ConnectorError } from '#connectors/contract.ts';
import { ANSWER_MS, CONNECT_MS, noAnswer, routeTo } from '#connectors/own-socket.ts';
import type { Plaintext } from '#lib/plaintext.ts';

/** Connections to a Redis server over the guarded way, and what its errors mean. */

type ServerCall = Call<{ host: string; port: number; encryption: 'tls' | 'none' }, unknown>;

export interface Connection {
  /** Asks for something that changes nothing. */
  ask(...command: [string, ...string[]]): Promise<unknown>;
  /** From here on a lost answer is unknown. */
  change(...command: [string, ...string[]]): Promise<unknown>;
}

/** What the server answered instead of a value: the first word of its error, for example NOPERM. */
export class Refused extends Error {
  readonly word: string;
  /** The permission that its command needs, such as `+acl|setuser`. */
  readonly permission: string;

  constructor(word: string, command: readonly string[]) {
    super(`Redis answered ${word}.`);
    this.word = word;
    const [name = '', sub = ''] = command.map((part) => part.toLowerCase());
    this.permission = name === 'acl' || name === 'config' ? `+${name}|${sub}` : `+${name}`;
  }
}

/** Opens one connection that is tried once, uses it and closes it. What it throws is a `ConnectorError`. */
export async function withConnection<T>(
  call: ServerCall,
  what: string,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { address, port, tls } = await routeTo(call, what);
  const redis = new Redis({
    host: address,
    port,
    // Its name is checked by `servername`; as `host` it would be resolved a second time, past the guard.
    ...(tls === null ? {} : { tls: { ...tls, host: address } }),
    protocol: 2,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: ANSWER_MS,
  });
  let failed: unknown;
  // ioredis gives the reason only here; what is awaited is told that the connection is closed.
  redis.on('error', (error) => {
    failed ??= error;
  });
  const abandon = () => redis.disconnect();
  call.signal.addEventListener('abort', abandon, { once: true });
  let sent = false;
  const ask = async (...[name, ...args]: [string, ...string[]]) => {
    try {
      return await redis.call(name, ...args);
    } catch (error) {
      const word = wordOf(error);
      if (word !== null) throw new Refused(word, [name, ...args]);
      throw error;
    }
  };
  const change = async (...command: [string, ...string[]]) => {
    sent = true;
    return ask(...command);
  };
  try {
    await redis.connect();
    return await use({ ask, change });
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    if (error instanceof Refused) throw refusal(error, what, call.config);
    throw noAnswer(failed ?? error, what, call.config, sent);
  } finally {
    call.signal.removeEventListener('abort', abandon);
    redis.disconnect();
  }
}

/** Signs in on an open connection. `rejected` where the server says that the pair is wrong. */
export async function authenticate(
  { ask }: Connection,
  user: string,
  password: Plaintext,
): Promise<'accepted' | 'rejected'> {
  try {
    await ask('AUTH', user, password.expose());
    return 'accepted';
  } catch (error) {
    if (error instanceof Refused && error.word === 'WRONGPASS') return 'rejected';
    throw error;
  }
}

/** The error's first word; null where the server did not answer at all. Its text and its command may hold secrets. */
function wordOf(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return null;
  // The one passing error that has no word of its own.
  if (/^-?ERR max number of clients/.test(error.message)) return 'MAXCLIENTS';
  return /^-?([A-Z][A-Z0-9_]{1,30})\b/.exec(error.message)?.[1] ?? 'ERR';
}

const PASSES = new Set([
  'LOADING',
  'BUSY',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'READONLY',
  'OOM',
  'MAXCLIENTS',
]);

function refusal(
  { word, permission }: Refused,
  what: string,
  { host, port }: ServerCall['config'],
): ConnectorError {
  const failed = `${what} failed: ${host}:${port} answered ${word}`;
  if (word === 'NOPERM' || word === 'NOAUTH' || word === 'WRONGPASS') {
    const sentence =
      word === 'NOPERM'
        ? `${failed}: the stored user lacks ${permission}. Nothing was changed; add it with ACL SETUSER.`
        : `${failed}: the stored user or its password is wrong. Nothing was changed; enter the right ones.`;
    return new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  return PASSES.has(word)
    ? new ConnectorError(`${failed}: it cannot do it now. Nothing was changed.`, 'later')
    : new ConnectorError(`${failed}. Check the settings; trying again changes nothing.`, 'never');
}
