import fs from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { parseRange } from '#lib/client-address.ts';
import { Plaintext } from '#lib/plaintext.ts';

const key32 = z
  .string()
  .refine((value) => Buffer.from(value, 'base64').length === 32, 'must be 32 random bytes in base64')
  .transform((value) => Buffer.from(value, 'base64'));

const list = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

const httpAddress = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
  .transform((value) => new URL(value));
const ranges = list.transform((items, context) =>
  items.flatMap((item) => {
    const range = parseRange(item);
    if (range === null) {
      context.addIssue('must be a list of addresses and CIDR ranges, for example 10.0.0.0/8');
      return [];
    }
    return [range];
  }),
);

const groupRoles = list.transform((items, context) =>
  items.map((item) => {
    const [, group = '', role = ''] = /^(.+)=(viewer|auditor|operator|approver|admin)$/.exec(item) ?? [];
    if (group === '') {
      context.addIssue('must be a list of group=role, for example rekey-admins=admin,*=viewer');
    }
    return [group.trim(), role] as const;
  }),
);

const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgresql:// address');

const collectorPorts: Readonly<Record<string, number>> = {
  'syslog+tls:': 6514,
  'syslog+tcp:': 601,
  'https:': 443,
  'http:': 80,
};

/** A collector is known by scheme, host and port: a path may hold what only it should know. */
const collectors = list.transform((items, context) => {
  const found = items.flatMap((item) => {
    const url = URL.canParse(item) ? new URL(item) : null;
    const known = url === null ? undefined : collectorPorts[url.protocol];
    if (url === null || known === undefined || url.hostname === '' || url.username !== '') {
      context.addIssue(
        'must be a list of syslog+tls://host:port, syslog+tcp://host:port and https://… addresses',
      );
      return [];
    }
    const port = url.port === '' ? known : Number(url.port);
    return [{ name: `${url.protocol}//${url.hostname}:${port}`, url, port }];
  });
  const names = found.map(({ name }) => name);
  if (new Set(names).size < names.length) context.addIssue('names a host and port twice');
  return found;
});

const pemFile = z.string().transform((file, context) => {
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    context.addIssue('must be a file with certificates in PEM');
  return text;
});

const masterKeys = list.transform((items, context) => {
  const keys = new Map<string, Buffer>();
  for (const item of items) {
    const [id = '', value = ''] = item.split(':');
    const bytes = Buffer.from(value, 'base64');
    if (!/^[a-z0-9-]{1,32}$/.test(id) || bytes.length !== 32) {
      context.addIssue('must be a list of id:key, each key being 32 random bytes in base64');
      return z.NEVER;
    }
    if (keys.has(id)) {
      context.addIssue(`names the key "${id}" twice; values sealed with one of the two would be lost`);
      return z.NEVER;
    }
    keys.set(id, bytes);
  }
  if (keys.size === 0) {
    context.addIssue('is missing; it holds the master keys as id:key,id:key and the first one seals');
    return z.NEVER;
  }
  return keys;
});

/** Every environment variable a Rekey process reads. docker-compose.yml and the docs are held against this list. */
export const envSchema = z.object({
  /** The application's role: no DDL, and no change of audit rows. */
  DATABASE_URL: postgresUrl,
  /** The owner's role, read by migrations, `rekey restore` and `rekey audit detach` only. */
  REKEY_MIGRATION_URL: postgresUrl.optional(),
  /** A direct address for LISTEN where DATABASE_URL goes through a pooler. */
  REKEY_DIRECT_DATABASE_URL: postgresUrl.optional(),
  /** BullMQ runs on Redis when set, on Postgres otherwise. */
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must be a redis:// address')
    .optional(),
  /** The public origin; a request for another host is refused with 421. */
  REKEY_URL: httpAddress,
  PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  /** The address the web process listens at. Loopback, unless something in front of it runs elsewhere. */
  REKEY_BIND: z
    .string()
    .refine((value) => isIP(value) !== 0, 'must be an IP address, for example 0.0.0.0')
    .default('127.0.0.1'),
  /** Proxies in front of the web process, whose X-Forwarded-For is believed. */
  REKEY_TRUSTED_PROXIES: ranges,
  REKEY_DATA_DIR: z
    .string()
    .default('.rekey')
    .transform((value) => path.resolve(value)),
  /** Folders that file targets may write under. */
  REKEY_FILE_ROOTS: list.transform((roots) => roots.map((root) => path.resolve(root))),
  /** Hosts, host:port pairs and CIDR ranges in private address space that connectors may reach. */
  REKEY_ALLOW_HOSTS: list,
  /** A file with keys as NAME=value lines; lib/keys.ts reads it, and has `vault:v…` opened by a transit engine. */
  REKEY_KEYS_FILE: z.string().optional(),
  /** Where the transit engine of Vault or OpenBao decrypts with one key: https://host/v1/transit/decrypt/name */
  REKEY_TRANSIT_URL: httpAddress.optional(),
  REKEY_TRANSIT_TOKEN: z.string().optional(),
  REKEY_TRANSIT_TOKEN_FILE: z.string().optional(),
  REKEY_MASTER_KEYS: masterKeys,
  REKEY_FINGERPRINT_KEY: key32,
  REKEY_SESSION_KEY: key32,
  REKEY_TOKEN_KEY: key32,
  /** The seed of the Ed25519 key that seals the audit log. */
  REKEY_AUDIT_KEY: key32,
  /** The public key that sealed the audit log before that one: no other log is gone on with. */
  REKEY_AUDIT_KEY_BEFORE: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be the public key that rekey audit verify prints, 64 digits in hex')
    .transform((value) => Buffer.from(value, 'hex'))
    .optional(),
  /** Is told every checkpoint of the audit log, as a witness. */
  REKEY_AUDIT_WEBHOOK: httpAddress.optional(),
  /** A folder of an S3-compatible store that keeps every checkpoint: https://host/bucket/folder?region=… */
  REKEY_AUDIT_STORE: httpAddress.optional(),
  /** What the store is asked with: accessKeyId:secretAccessKey. */
  REKEY_AUDIT_STORE_ACCESS: z
    .string()
    .regex(/^[^:\s]+:\S+$/, 'must be accessKeyId:secretAccessKey')
    .transform((value) => new Plaintext(value))
    .optional(),
  /** Collectors that are sent every sealed event. */
  REKEY_AUDIT_STREAM: collectors,
  /** The Authorization header for those of them that are asked over HTTP. */
  REKEY_AUDIT_STREAM_AUTHORIZATION: z
    .string()
    .transform((value) => new Plaintext(value))
    .optional(),
  /** A file in PEM with the authority of their certificates, where that is a private one. */
  REKEY_AUDIT_STREAM_CA: pemFile.optional(),
  /** Single sign-on with OpenID Connect: the issuer's address; with it an id and a secret of a client there. */
  REKEY_OIDC_ISSUER: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
    .optional(),
  REKEY_OIDC_CLIENT_ID: z.string().optional(),
  REKEY_OIDC_CLIENT_SECRET: z.string().optional(),
  /** As the button of the sign-in page calls it. */
  REKEY_OIDC_NAME: z.string().default('single sign-on'),
  /** The claim that says in which groups somebody is. */
  REKEY_OIDC_ROLE_CLAIM: z.string().default('groups'),
  /** group=role pairs; the first that fits decides. */
  REKEY_OIDC_ROLES: groupRoles,
  /** With it /metrics answers whoever sends it as a bearer token. */
  REKEY_METRICS_TOKEN: z
    .string()
    .min(16, 'must have 16 characters or more')
    .transform((value) => new Plaintext(value))
    .optional(),
  REKEY_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type Env = z.output<typeof envSchema>;

/** Names every value that is missing or weak, each with what it must be. Values are never repeated. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
}

/** Checks an environment. Throws `EnvError` with one line per problem. */
export function parseEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = envSchema.safeParse(set);
  if (result.success) {
    return result.data;
  }
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return set[name] === undefined && issue.code === 'invalid_type'
      ? `${name} is not set`
      : `${name}: ${issue.message}`;
  });
  throw new EnvError(
    `Rekey cannot start because its environment is incomplete:\n  ${[...new Set(lines)].join('\n  ')}\nSet these values and start again; docs/configuration.md describes each.`,
  );
}

let parsed: Env | undefined;

/** This process's environment, parsed once. */
export function env(): Env {
  parsed ??= parseEnv(process.env);
  return parsed;
}
