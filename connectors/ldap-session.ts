import net from 'node:net';
import tls from 'node:tls';
import { Client, ResultCodeError } from 'ldapts';
import { type Call, ConnectorError } from '#connectors/contract.ts';
import { ANSWER_MS, CONNECT_MS, noAnswer, routeTo } from '#connectors/own-socket.ts';

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

const WHAT = 'Asking the directory';

/**
 * Opens one connection, uses it and closes it. It is never opened anew in between: a second one would carry
 * neither the encryption nor the sign-in of the first. Throws what `act` throws, `later` where no connection came about
 * and `never` where the certificate is not trusted.
 */
export async function withDirectory<T>(call: DirectoryCall, act: (client: Client) => Promise<T>): Promise<T> {
  const { config, signal } = call;
  const encryption = config.security === 'plain' ? 'none' : 'tls';
  const server = { ...config, encryption } as const;
  const { address, port, tls: secure } = await routeTo({ ...call, config: server }, WHAT);
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
    timeout: ANSWER_MS,
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
    if (error instanceof ResultCodeError || error instanceof ConnectorError) throw error;
    // What changes something says by itself that its answer was lost.
    throw noAnswer(error, WHAT, server, false);
  } finally {
    signal.removeEventListener('abort', end);
    await client.unbind().catch(() => undefined);
    socket?.destroy();
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
