import net from 'node:net';
import tls from 'node:tls';
import { Client, ResultCodeError } from 'ldapts';
import { type Call, ConnectorError } from '#connectors/contract.ts';
import { type Tls, tlsOf } from '#connectors/tls.ts';
import { GuardError } from '#lib/guard.ts';

/** Where a directory is and how its connections are protected. */
export interface Directory {
  readonly host: string;
  readonly port: number;
  readonly security: 'ldaps' | 'starttls' | 'plain';
}

type DirectoryCall = Pick<
  Call<Directory & Readonly<Record<string, unknown>>, unknown>,
  'config' | 'resolve' | 'signal'
>;

const CONNECT_MS = 4_000;
const OPERATION_MS = 4_000;

/**
 * Opens one connection, uses it and closes it. It is never opened anew in between: a second one would carry
 * neither the encryption nor the sign-in of the first. Throws what `act` throws, `later` where no connection came about
 * and `never` where the certificate is not trusted.
 */
export async function withDirectory<T>(call: DirectoryCall, act: (client: Client) => Promise<T>): Promise<T> {
  const { config, signal } = call;
  const { address, port, servername } = await resolved(call);
  const secure = tlsOptions(servername, tlsOf(config));
  let socket: net.Socket | undefined;
  const once = <S extends net.Socket>(open: () => S): S => {
    if (socket !== undefined) throw new Error('The connection was closed by the directory.');
    const opened = open();
    socket = opened;
    return opened;
  };
  const client = new Client({
    url: config.security === 'ldaps' ? 'ldaps://directory' : 'ldap://directory',
    connectTimeout: CONNECT_MS,
    timeout: OPERATION_MS,
    createConnection: () => once(() => net.connect({ host: address, port })),
    createSecureConnection: () =>
      socket === undefined
        ? once(() => tls.connect({ ...secure, host: address, port }))
        : tls.connect({ ...secure, host: address, socket }),
  });
  const end = () => socket?.destroy(new Error('The call took too long.'));
  signal.addEventListener('abort', end, { once: true });
  try {
    signal.throwIfAborted();
    if (config.security === 'starttls') await startTls(client, config);
    return await act(client);
  } catch (error) {
    throw error instanceof ResultCodeError || error instanceof ConnectorError ? error : lost(error, config);
  } finally {
    signal.removeEventListener('abort', end);
    await client.unbind().catch(() => undefined);
    socket?.destroy();
  }
}

async function resolved({ config, resolve }: DirectoryCall) {
  try {
    return await resolve(config.host, config.port);
  } catch (error) {
    if (!(error instanceof GuardError)) throw error;
    throw new ConnectorError(error.message, error.kind === 'refused' ? 'never' : 'later', { cause: error });
  }
}

async function startTls(client: Client, { host, port }: Directory): Promise<void> {
  try {
    await client.startTLS({});
  } catch (error) {
    if (!(error instanceof ResultCodeError)) throw error;
    const { code } = error;
    const failed = `The directory at ${host}:${port} does not begin an encrypted connection (${code}). No password was sent`;
    if (code === 51 || code === 52)
      throw new ConnectorError(`${failed}; it is busy.`, 'later', { cause: error });
    const sentence = `${failed}; switch StartTLS on there, or choose ldaps.`;
    throw new ConnectorError(sentence, 'never', { cause: error });
  }
}

function tlsOptions(servername: string, own: Tls | null): tls.ConnectionOptions {
  return {
    ...(net.isIP(servername) === 0 && { servername }),
    ...(own?.ca && { ca: own.ca }),
    ...(own?.cert && { cert: own.cert }),
    ...(own?.key && { key: own.key.expose() }),
  };
}

function lost(error: unknown, { host, port }: Directory): ConnectorError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const place = `${host}:${port}`;
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) {
    const sentence = `The certificate of ${place} is not trusted (${code}); nothing was sent. Enter its certificate authority, or the host name that the certificate is for.`;
    return new ConnectorError(sentence, 'never', { cause: error });
  }
  const why = /^[A-Z0-9_]{1,64}$/.test(code) ? ` (${code})` : '';
  return new ConnectorError(`The directory at ${place} gave no answer${why}.`, 'later', { cause: error });
}
