import { type Answer, type Asked, type JsonApi, jsonApi } from './json-api.ts';
import type { TargetWorld } from './world.ts';

interface Version {
  data: Record<string, unknown> | null;
  destroyed: boolean;
}

/** Version 2 of the KV engine as OpenBao 2.7 answers, with AppRole beside it. */
export interface FakeVault {
  readonly api: JsonApi;
  readonly token: string;
  /** What the token may do with every secret. */
  capabilities: string[];
  engine: { type: string; version: string };
  readonly secrets: Map<string, Version[]>;
  /** Runs once before the next write is judged, as another writer. */
  before: (() => void) | undefined;
  logins: number;
}

const forbidden: Answer = { status: 403, body: { errors: ['permission denied'] } };
const fails = (status: number, ...errors: string[]): Answer => ({ status, body: { errors } });
const answers = (data: unknown, status = 200): Answer => ({ status, body: { data, auth: null } });

export async function fakeVault(): Promise<FakeVault> {
  const api = await jsonApi((asked) => answer(fake, asked));
  const fake: FakeVault = {
    api,
    token: 'hvs.fake-token',
    capabilities: ['create', 'patch', 'read', 'update'],
    engine: { type: 'kv', version: '2' },
    secrets: new Map([
      [
        'kv/team/app',
        [{ data: { OTHER: '1', SECRET: 'old', NUMBER: 7, deep: { a: [1] } }, destroyed: false }],
      ],
    ]),
    before: undefined,
    logins: 0,
  };
  return fake;
}

function answer(fake: FakeVault, asked: Asked): Answer {
  const path = decodeURIComponent(asked.path).replace('/v1/', '');
  if (path === 'auth/approle/login') return logIn(fake, asked);
  if (asked.headers['x-vault-token'] !== fake.token) return forbidden;
  if (path === 'sys/capabilities-self') {
    const [one] = asked.body.paths as string[];
    return answers({ capabilities: fake.capabilities, [one ?? '']: fake.capabilities });
  }
  if (path === 'sys/internal/ui/mounts/kv') {
    return answers({ type: fake.engine.type, options: { version: fake.engine.version }, path: 'kv/' });
  }
  if (!path.startsWith('kv/data/'))
    return fails(404, `no handler for route "${path}". route entry not found.`);
  return secret(fake, path.replace('/data/', '/'), asked);
}

function logIn(fake: FakeVault, { body }: Asked): Answer {
  fake.logins += 1;
  if (body.role_id !== 'role' || body.secret_id !== 'fake-secret-id') {
    return fails(400, 'invalid role or secret ID');
  }
  return { status: 200, body: { auth: { client_token: fake.token, lease_duration: 1200 } } };
}

function secret(fake: FakeVault, path: string, asked: Asked): Answer {
  const needed = { GET: 'read', POST: 'update', PATCH: 'patch' }[asked.method] ?? 'none';
  if (!fake.capabilities.includes(needed)) return fails(403, '1 error occurred:\n\t* permission denied\n\n');
  if (asked.method !== 'GET') {
    fake.before?.();
    fake.before = undefined;
  }
  const versions = fake.secrets.get(path) ?? [];
  const newest = versions.at(-1);
  const metadata = { version: versions.length, destroyed: newest?.destroyed ?? false, deletion_time: '' };
  if (asked.method !== 'POST' && newest === undefined) return fails(404);
  if (asked.method === 'GET') {
    return answers({ data: newest?.data ?? null, metadata }, newest?.data ? 200 : 404);
  }
  const { cas } = asked.body.options as { cas: number };
  const data = asked.body.data as Record<string, unknown>;
  if (asked.method === 'PATCH' && newest?.data === null) return answers({ data: null, metadata }, 404);
  if (cas !== versions.length) return fails(400, 'check-and-set parameter did not match the current version');
  const made = asked.method === 'POST' ? data : merged(newest?.data ?? {}, data);
  fake.secrets.set(path, [...versions, { data: made, destroyed: false }]);
  return answers({ version: versions.length + 1, destroyed: false, deletion_time: '' });
}

/** RFC 7396, for one level. */
function merged(before: Record<string, unknown>, patch: Record<string, unknown>) {
  const all = { ...before, ...patch };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

export async function vaultKvWorld(): Promise<TargetWorld> {
  const fake = await fakeVault();
  const { api } = fake;
  return {
    config: { address: `${api.url}/`, token: fake.token },
    place: { mount: 'kv', path: 'team/app' },
    secrets: [fake.token],
    refuse: async () => {
      api.trouble = () => forbidden;
    },
    breakDown: async () => {
      api.trouble = () => fails(503, 'Vault is sealed');
    },
    neighbours: async (key) => {
      const { [key]: _own, ...others } = fake.secrets.get('kv/team/app')?.at(-1)?.data ?? {};
      return JSON.stringify(others);
    },
    close: api.close,
  };
}
