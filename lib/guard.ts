import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { type AllowEntry, describeAddress, parseAllowEntry, sameAddress } from '#lib/addresses.ts';

/**
 * Why an address may not be used. Its message is safe to show: it names the host and the address, never
 * a user name, a password, a path or a query.
 *
 * `refused`: a rule forbids it, trying again changes nothing. `unresolved`: the name has no address now.
 */
export class GuardError extends Error {
  // Next loads this module once per bundle layer, and what hangs on globalThis throws errors of the layer that made it.
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'GuardError';
  }

  override readonly name = 'GuardError';
  readonly kind: 'refused' | 'unresolved';

  constructor(message: string, kind: 'refused' | 'unresolved', cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** Decides which addresses this installation may talk to. It keeps nothing between calls. */
export interface Guard {
  /** Checks what a URL says by itself: http or https, no user name or password, and its address if it is written as one. */
  parseUrl(url: string): URL;
  /** For a URL that is being saved: `parseUrl`, and every address its name has now. A name without an address passes. */
  checkUrl(url: string): Promise<URL>;
  /** For the moment of connecting: throws unless this address may be used for this host and port. */
  checkAddress(host: string, port: number, address: string): void;
  /** The addresses of a host that may be used, in the resolver's order. Throws when there is none. */
  addresses(host: string, port: number): Promise<string[]>;
  /** For drivers that open their own sockets: connect to `address`, check the certificate against `servername`. */
  resolve(host: string, port: number): Promise<{ address: string; port: number; servername: string }>;
}

export interface GuardOptions {
  /**
   * Where loopback and private addresses are allowed: `host`, `host:port` or a CIDR range. Host names match
   * exactly, without regard to case. Link-local and metadata addresses are never allowed, listed or not.
   */
  allowHosts: readonly string[];
  /** Replaces the system's resolver in tests. */
  resolver?: (host: string) => Promise<string[]>;
}

async function systemResolver(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return found.map((entry) => entry.address);
}

/** Builds a guard. Throws on an entry of `allowHosts` that cannot be read. */
export function createGuard({ allowHosts, resolver = systemResolver }: GuardOptions): Guard {
  const allowed = allowHosts.map(parseAllowEntry);

  const checkAddress: Guard['checkAddress'] = (host, port, address) =>
    checkPlain(plainHost(host), port, address);

  /** For a host in `plainHost`'s spelling already. */
  function checkPlain(name: string, port: number, address: string): void {
    const said = describeAddress(address);
    if (said.use === 'open') return;
    const subject = name === address ? `The address ${address}` : `The address ${address} of ${name}`;
    if (said.use === 'never')
      throw new GuardError(`${subject} is ${said.what}; it is never allowed.`, 'refused');
    if (allowed.some((entry) => allows(entry, name, port, address))) return;
    const sentence = `${subject} is ${said.what}; an admin can allow it in REKEY_ALLOW_HOSTS.`;
    throw new GuardError(sentence, 'refused');
  }

  function parseUrl(text: string): URL {
    const url = parsedOrNull(text);
    if (url === null)
      throw new GuardError('This is not a complete URL such as https://host/path.', 'refused');
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new GuardError(`A URL must begin with http:// or https://, not ${url.protocol}//.`, 'refused');
    }
    if (url.username !== '' || url.password !== '') {
      throw new GuardError(
        'A URL must hold no user name and no password; use the fields for them.',
        'refused',
      );
    }
    const host = hostOf(url);
    if (isIP(host) !== 0) checkPlain(host, portOf(url), host);
    return url;
  }

  async function addresses(host: string, port: number): Promise<string[]> {
    const name = plainHost(host);
    const found = isIP(name) === 0 ? await resolved(resolver, name) : [name];
    const usable: string[] = [];
    let refusal: unknown;
    for (const address of found) {
      try {
        checkPlain(name, port, address);
        usable.push(address);
      } catch (error) {
        refusal ??= error;
      }
    }
    if (usable.length === 0) throw refusal;
    return usable;
  }

  async function checkUrl(text: string): Promise<URL> {
    const url = parseUrl(text);
    try {
      await addresses(url.hostname, portOf(url));
    } catch (error) {
      if (!(error instanceof GuardError && error.kind === 'unresolved')) throw error;
    }
    return url;
  }

  async function resolve(host: string, port: number) {
    const [address = ''] = await addresses(host, port);
    return { address, port, servername: plainHost(host) };
  }

  return { parseUrl, checkUrl, checkAddress, addresses, resolve };
}

function parsedOrNull(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** The host of a URL as `plainHost` spells it. A parsed URL has it in that spelling already, but for brackets and a dot. */
export function hostOf(url: URL): string {
  const { hostname } = url;
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return bare.endsWith('.') ? plainHost(bare) : bare;
}

/** The port a URL means, with the scheme's own where it names none. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/**
 * One spelling for every way to write a host: lower case, no brackets, no trailing dot, and an address in
 * its usual form (`0x7f000001`, `2130706433` and `127.1` all become `127.0.0.1`), as the WHATWG URL standard reads it.
 */
export function plainHost(host: string): string {
  const text = `http://${isIPv6(host) ? `[${host}]` : host}`;
  if (!/^http:\/\/(\[[^\]]+\]|[^\s/?#@\\:[\]]+)$/.test(text) || !URL.canParse(text)) throw notAHost();
  const name = new URL(text).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (name === '') throw notAHost();
  return name;
}

function notAHost(): GuardError {
  return new GuardError('This is not a host name or an address.', 'refused');
}

async function resolved(resolver: (host: string) => Promise<string[]>, name: string): Promise<string[]> {
  const unresolved = (cause?: unknown) =>
    new GuardError(
      `The name ${name} cannot be resolved from here: check the spelling and the DNS.`,
      'unresolved',
      cause,
    );
  const found = await resolver(name).catch((error: unknown) => {
    throw unresolved(error);
  });
  if (found.length === 0) throw unresolved();
  return found;
}

function allows(entry: AllowEntry, host: string, port: number, address: string): boolean {
  if (entry.port !== undefined && entry.port !== port) return false;
  if (entry.range !== undefined) return sameAddress(address, entry.range);
  return entry.host === host;
}
