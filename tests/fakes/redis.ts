import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/**
 * The part of Redis 7.0 that keeps ACL users, over RESP2, as it is documented at
 * https://redis.io/docs/latest/commands/ (acl-setuser, acl-getuser, acl-dryrun, acl-save, acl-list, auth).
 */
export interface FakeRedis {
  readonly port: number;
  readonly users: Map<string, FakeUser>;
  /** What a restart would bring back; null before anything was saved. */
  saved: string | null;
  /** What CONFIG GET aclfile says. */
  aclFile: string;
  info: string;
  /** Answers everything but AUTH with this error. */
  trouble: string | undefined;
  /** Answers ACL SAVE and CONFIG REWRITE with this error. */
  saveTrouble: string | undefined;
  /** The names that TLS clients asked for. */
  readonly servernames: (string | false | null)[];
  /** Replaces the answer of ACL GETUSER. */
  oddAnswer: unknown;
  close(): Promise<void>;
}

export interface FakeUser {
  on: boolean;
  nopass: boolean;
  readonly hashes: Set<string>;
  /** Commands such as `acl|setuser` that it may not use. */
  readonly denied: Set<string>;
}

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export function fakeUser(...passwords: string[]): FakeUser {
  return { on: true, nopass: false, hashes: new Set(passwords.map(sha256)), denied: new Set() };
}

class Failure extends Error {}

/** Starts it on 127.0.0.1, with the users that are given. */
export async function fakeRedis(users: Record<string, FakeUser>, tls?: TlsOptions): Promise<FakeRedis> {
  const open = new Set<Socket>();
  const fake = {
    users: new Map(Object.entries(users)),
    saved: null as string | null,
    aclFile: '/etc/redis/users.acl',
    info: '# Replication\r\nrole:master\r\nconnected_slaves:0\r\n# Cluster\r\ncluster_enabled:0\r\n',
    trouble: undefined as string | undefined,
    saveTrouble: undefined as string | undefined,
    servernames: [] as (string | false | null)[],
    oddAnswer: undefined as unknown,
  };
  const serve = (socket: Socket) => {
    let me: string | null = null;
    let buffer = '';
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1');
      for (let read = readCommand(buffer); read !== null; read = readCommand(buffer)) {
        buffer = read.rest;
        try {
          const [name = '', user = '', password = ''] = read.command;
          if (name.toUpperCase() === 'AUTH') me = signIn(fake.users, user, password);
          socket.write(encode(name.toUpperCase() === 'AUTH' ? 'OK' : answer(fake, me, read.command)));
        } catch (error) {
          socket.write(`-${error instanceof Failure ? error.message : 'ERR internal'}\r\n`);
        }
      }
    });
  };
  const server: Server = tls ? createTlsServer(tls, serve) : createServer(serve);
  if (tls) server.on('secureConnection', (socket) => fake.servernames.push(socket.servername));
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, {
    port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  });
}

function readCommand(buffer: string): { command: string[]; rest: string } | null {
  const head = /^\*(\d+)\r\n/.exec(buffer);
  if (head === null) return null;
  const command: string[] = [];
  let at = head[0].length;
  for (let left = Number(head[1]); left > 0; left -= 1) {
    const size = /^\$(\d+)\r\n/.exec(buffer.slice(at));
    if (size === null) return null;
    const from = at + size[0].length;
    at = from + Number(size[1]) + 2;
    if (buffer.length < at) return null;
    command.push(buffer.slice(from, at - 2));
  }
  return { command, rest: buffer.slice(at) };
}

function signIn(users: ReadonlyMap<string, FakeUser>, name: string, password: string): string {
  const user = users.get(name);
  if (user?.on && (user.nopass || user.hashes.has(sha256(password)))) return name;
  throw new Failure('WRONGPASS invalid username-password pair or user is disabled.');
}

type State = Omit<FakeRedis, 'port' | 'close'>;

function answer(fake: State, me: string | null, command: readonly string[]): unknown {
  const [name = '', sub = '', ...rest] = command;
  if (me === null) throw new Failure('NOAUTH Authentication required.');
  if (fake.trouble !== undefined) throw new Failure(fake.trouble);
  const called = name.toUpperCase() === 'INFO' ? 'info' : `${name}|${sub}`.toLowerCase();
  if (fake.users.get(me)?.denied.has(called))
    throw new Failure(`NOPERM this user has no permissions to run the '${called}' command`);
  switch (called) {
    case 'info':
      return fake.info;
    case 'acl|getuser':
      return fake.oddAnswer ?? describeUser(fake.users.get(rest[0] ?? ''));
    case 'acl|setuser':
      return setUser(fake.users, rest);
    case 'acl|dryrun':
      return dryRun(fake.users, rest);
    case 'acl|list':
      return [...fake.users].map(([user, state]) => lineOf(user, state));
    case 'config|get':
      return ['aclfile', fake.aclFile];
    case 'acl|save':
    case 'config|rewrite':
      if (fake.saveTrouble !== undefined) throw new Failure(fake.saveTrouble);
      fake.saved = [...fake.users].map(([user, state]) => lineOf(user, state)).join('\n');
      return 'OK';
    default:
      throw new Failure(`ERR unknown command '${name}'`);
  }
}

const lineOf = (name: string, { on, nopass, hashes }: FakeUser) =>
  ['user', name, on ? 'on' : 'off', ...(nopass ? ['nopass'] : []), ...[...hashes].map((hash) => `#${hash}`)]
    .concat('~* &* +@all')
    .join(' ');

function describeUser(user: FakeUser | undefined): unknown {
  if (user === undefined) return null;
  const flags = [user.on ? 'on' : 'off', ...(user.nopass ? ['nopass'] : [])];
  const rest = ['commands', '+@all', 'keys', '~*', 'channels', '&*', 'selectors', []];
  return ['flags', flags, 'passwords', [...user.hashes], ...rest];
}

/** It makes a user that is not there, and a password takes `nopass` away: as the real one does. */
function setUser(users: Map<string, FakeUser>, [name = '', ...rules]: readonly string[]): string {
  const user = users.get(name) ?? { ...fakeUser(), on: false };
  for (const rule of rules) {
    const hash = rule.slice(1);
    if (/^[#!]/.test(rule) && !/^[0-9a-f]{64}$/.test(hash))
      throw new Failure(
        'ERR Error in ACL SETUSER modifier: The provided password hash must be exactly 64 characters',
      );
    if (rule.startsWith('#')) {
      user.hashes.add(hash);
      user.nopass = false;
    } else if (rule.startsWith('!') && !user.hashes.delete(hash)) {
      throw new Failure(
        `ERR Error in ACL SETUSER modifier '${rule}': The password you are trying to remove from the user does not exist`,
      );
    }
  }
  users.set(name, user);
  return 'OK';
}

function dryRun(users: ReadonlyMap<string, FakeUser>, [name = '', ...command]: readonly string[]): string {
  const called = command.slice(0, 2).join('|').toLowerCase();
  return users.get(name)?.denied.has(called)
    ? `This user has no permissions to run the '${called}' command`
    : 'OK';
}

function encode(value: unknown): string {
  if (value === null) return '*-1\r\n';
  if (Array.isArray(value)) return `*${value.length}\r\n${value.map(encode).join('')}`;
  const text = String(value);
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}
