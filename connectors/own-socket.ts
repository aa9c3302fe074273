import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { z } from 'zod';
import { type Call, ConnectorError } from '#connectors/contract.ts';
import { tlsFields, tlsOf } from '#connectors/tls.ts';
import { GuardError } from '#lib/guard.ts';
import { isUntrusted } from '#lib/untrusted.ts';

/** For connectors whose drivers open their own sockets: where the server is, and how the socket is protected. */
export const serverFields = (port: number) => ({
  host: z.string().min(1).max(253).meta({ title: 'Host' }),
  port: z.int().min(1).max(65_535).default(port).meta({ title: 'Port' }),
  encryption: z.enum(['tls', 'none']).default('tls').meta({
    title: 'Encryption',
    description:
      'tls: the certificate and its name are checked. none: only on a network that nobody else can read.',
  }),
  ...tlsFields,
});

interface Server {
  readonly host: string;
  readonly port: number;
  readonly encryption: 'tls' | 'none';
}

/** Where to connect, as the guard allows it, and the options of `tls.connect`; null where nothing is encrypted. */
export interface Route {
  readonly address: string;
  readonly port: number;
  readonly servername: string;
  readonly tls: ConnectionOptions | null;
}

/** Leaves a driver time to say what happened within the ten seconds of a call. */
export const CONNECT_MS = 4_000;
export const ANSWER_MS = 4_000;

/** The way to the configured server. Throws `ConnectorError`: never where the guard forbids it. */
export async function routeTo(
  call: Pick<Call<Server, unknown>, 'config' | 'resolve' | 'signal'>,
  what: string,
): Promise<Route> {
  const { config, signal } = call;
  if (signal.aborted) throw new ConnectorError(`${what} was abandoned before it began.`, 'later');
  try {
    const { address, port, servername } = await call.resolve(config.host, config.port);
    return {
      address,
      port,
      servername,
      tls: config.encryption === 'none' ? null : tlsTo(config, servername),
    };
  } catch (error) {
    if (error instanceof GuardError && error.kind === 'refused')
      throw new ConnectorError(`${what} failed. ${error.message}`, 'never');
    throw new ConnectorError(`${what} failed. The name ${config.host} has no address now.`, 'later');
  }
}

function tlsTo(config: Server, servername: string): ConnectionOptions {
  const { ca, cert, key } = tlsOf({ ...config }) ?? {};
  return {
    host: servername,
    // An address cannot be asked for by name (RFC 6066, 3); it is compared with the certificate all the same.
    ...(isIP(servername) === 0 ? { servername } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: key.expose() }),
  };
}

/** A short code such as ECONNREFUSED or 28P01 of whatever was thrown. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^[A-Z0-9_]{3,64}$/.test(error.code) ? error.code : undefined;
}

/**
 * A driver's failure before, or instead of, an answer. `sent`: something may have been changed by then. Texts of
 * drivers are never quoted: they may hold the statement.
 */
export function noAnswer(
  error: unknown,
  what: string,
  { host, port }: Server,
  sent: boolean,
): ConnectorError {
  const code = codeOf(error);
  if (code !== undefined && isUntrusted(code)) {
    const sentence = `${what} failed. The certificate of ${host}:${port} is not trusted (${code}). Nothing was sent; enter its certificate authority, or correct the host.`;
    return new ConnectorError(sentence, 'never');
  }
  if (code?.startsWith('ERR_SSL')) {
    const sentence = `${what} failed. TLS with ${host}:${port} did not come about (${code}). Nothing was changed; look whether the server asks for a client certificate, and which versions of TLS it speaks.`;
    return new ConnectorError(sentence, 'never');
  }
  const reason = code === undefined ? '' : ` (${code})`;
  return sent
    ? new ConnectorError(
        `${what} got no answer from ${host}:${port}${reason}. It may or may not have taken effect.`,
        'unknown',
      )
    : new ConnectorError(
        `${what} failed: ${host}:${port} gave no answer${reason}. Nothing was changed.`,
        'later',
      );
}
