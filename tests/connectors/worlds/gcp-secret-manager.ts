import { crc32c } from '#connectors/crc32c.ts';
import { accessToken, googleFailure, googleToken, serviceAccountKey } from './google.ts';
import { type Answer, type Asked, type JsonApi, jsonApi } from './json-api.ts';
import type { TargetWorld } from './world.ts';

interface Version {
  data: Buffer;
  state: 'ENABLED' | 'DISABLED' | 'DESTROYED';
}

/** Secret Manager API v1 for the project `acme`. */
export interface FakeSecretManager {
  readonly api: JsonApi;
  readonly secrets: Map<string, Version[]>;
  permissions: string[];
  /**
   * By how many versions `latest` is behind. A version is there under its number at once:
   * https://docs.cloud.google.com/secret-manager/docs/reference/consistency
   */
  lag: number;
  /** Runs once before the next version is added, as another writer. */
  before: (() => void) | undefined;
}

export const enabled = (text: string): Version => ({ data: Buffer.from(text), state: 'ENABLED' });

export async function fakeSecretManager(): Promise<FakeSecretManager> {
  const api = await jsonApi((asked) => answer(fake, asked));
  const held = { OTHER: '1', SECRET: 'old', nested: { a: 1 } };
  const fake: FakeSecretManager = {
    api,
    secrets: new Map([
      ['app', [enabled('{}'), enabled(JSON.stringify(held))]],
      ['one', [enabled('old')]],
      ['empty', []],
    ]),
    permissions: ['secretmanager.versions.add', 'secretmanager.versions.access'],
    lag: 0,
    before: undefined,
  };
  return fake;
}

function answer(fake: FakeSecretManager, asked: Asked): Answer {
  if (asked.path === '/token') return googleToken(asked);
  if (asked.headers.authorization !== `Bearer ${accessToken}`) {
    return googleFailure(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
  }
  const [, name = '', rest = ''] = /^\/v1\/projects\/acme\/secrets\/([^/:]+)(.*)$/.exec(asked.path) ?? [];
  const versions = fake.secrets.get(name);
  if (rest === ':testIamPermissions') {
    const wanted = asked.body.permissions as string[];
    const granted = wanted.filter((one) => fake.permissions.includes(one));
    return { status: 200, body: versions && granted.length > 0 ? { permissions: granted } : {} };
  }
  if (versions === undefined) return googleFailure(404, 'NOT_FOUND', `Secret [${name}] not found.`);
  if (rest === ':addVersion' && asked.method === 'POST') return added(fake, name, versions, asked);
  const wanted = /^\/versions\/([^:]+):access$/.exec(rest)?.[1];
  if (wanted === undefined) return googleFailure(404, 'NOT_FOUND', 'Method not found.');
  return accessed(name, versions, wanted === 'latest' ? versions.length - fake.lag : Number(wanted));
}

function added(fake: FakeSecretManager, name: string, versions: Version[], { body }: Asked): Answer {
  fake.before?.();
  fake.before = undefined;
  const payload = body.payload as { data: string; dataCrc32c: string };
  const data = Buffer.from(payload.data, 'base64');
  if (payload.dataCrc32c !== String(crc32c(data))) {
    return googleFailure(400, 'INVALID_ARGUMENT', 'The checksum does not match.');
  }
  versions.push({ data, state: 'ENABLED' });
  return {
    status: 200,
    body: { name: `projects/123/secrets/${name}/versions/${versions.length}`, state: 'ENABLED' },
  };
}

function accessed(name: string, versions: Version[], number: number): Answer {
  const version = versions[number - 1];
  const resource = `projects/123/secrets/${name}/versions/${number}`;
  if (version === undefined) return googleFailure(404, 'NOT_FOUND', 'Secret Version [latest] not found.');
  if (version.state !== 'ENABLED') {
    return googleFailure(
      400,
      'FAILED_PRECONDITION',
      `Secret Version [${resource}] is in ${version.state} state.`,
    );
  }
  const { data } = version;
  const payload = { data: data.toString('base64'), dataCrc32c: String(crc32c(data)) };
  return { status: 200, body: { name: resource, payload } };
}

export async function gcpSecretManagerWorld(): Promise<TargetWorld> {
  const fake = await fakeSecretManager();
  const { api } = fake;
  return {
    config: { serviceAccountKey, tokenUrl: `${api.url}/token`, apiUrl: `${api.url}/` },
    place: { project: 'acme', secret: 'app' },
    secrets: [accessToken, JSON.parse(serviceAccountKey).private_key],
    refuse: async () => {
      api.trouble = () => ({ status: 400, body: { error: 'invalid_grant' } });
    },
    breakDown: async () => {
      api.trouble = () => googleFailure(503, 'UNAVAILABLE', 'The service is currently unavailable.');
    },
    neighbours: async (key) => {
      const text = fake.secrets.get('app')?.at(-1)?.data.toString() ?? '{}';
      const { [key]: _own, ...others } = JSON.parse(text);
      return JSON.stringify(others);
    },
    close: api.close,
  };
}
