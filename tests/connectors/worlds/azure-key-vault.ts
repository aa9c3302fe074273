import { type Answer, type Asked, type JsonApi, jsonApi } from './json-api.ts';
import type { TargetWorld } from './world.ts';

interface Version {
  id: string;
  value: string;
  attributes: { enabled: boolean; created: number; exp?: number };
  tags: Record<string, string>;
  contentType?: string;
}

/** A Key Vault as its REST API 7.4 answers, and the token endpoint of Microsoft Entra beside it. */
export interface FakeKeyVault {
  readonly api: JsonApi;
  /** Names are kept in lower case, because the vault ignores it. */
  readonly secrets: Map<string, Version[]>;
  /** Names that were deleted and not purged. */
  readonly deleted: Set<string>;
  /** What the app may do. */
  readonly granted: Set<'get' | 'set'>;
  /** An Azure Policy denies secrets without an expiry. */
  demandsExpiry: boolean;
}

export const clientSecret = 'fake~client-secret';
const token = 'eyJ0.fake-access-token';

export function keyVaultFailure(
  status: number,
  code: string,
  inner?: string,
  headers = {},
  message = 'The message is for people.',
): Answer {
  const error = {
    code,
    message,
    ...(inner && { innererror: { code: inner } }),
  };
  return { status, body: { error }, headers };
}

export async function fakeKeyVault(): Promise<FakeKeyVault> {
  const api = await jsonApi((asked) => answer(fake, asked));
  const fake: FakeKeyVault = {
    api,
    secrets: new Map(),
    deleted: new Set(),
    granted: new Set(['get', 'set']),
    demandsExpiry: false,
  };
  put(fake, 'OTHER', { value: '1' });
  put(fake, 'SECRET', { value: 'old', tags: { owner: 'team-a' }, contentType: 'text/plain' });
  return fake;
}

function answer(fake: FakeKeyVault, asked: Asked): Answer {
  if (asked.path === '/tenant-1/oauth2/v2.0/token') return entra(asked);
  if (asked.headers.authorization !== `Bearer ${token}`) return keyVaultFailure(401, 'Unauthorized');
  if (asked.query.get('api-version') !== '7.4') return keyVaultFailure(400, 'BadParameter');
  const [, name = '', version] = /^\/secrets\/([^/]+)(?:\/([^/]+))?$/.exec(asked.path) ?? [];
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) return keyVaultFailure(400, 'BadParameter');
  if (!fake.granted.has(asked.method === 'GET' ? 'get' : 'set')) {
    return keyVaultFailure(403, 'Forbidden', 'ForbiddenByRbac');
  }
  if (fake.deleted.has(name.toLowerCase())) {
    return asked.method === 'PUT'
      ? keyVaultFailure(409, 'Conflict', 'ObjectIsDeletedButRecoverable')
      : keyVaultFailure(404, 'SecretNotFound');
  }
  const { exp } = (asked.body.attributes ?? {}) as { exp?: number };
  if (asked.method === 'PUT' && fake.demandsExpiry && exp === undefined) {
    const words = 'Operation "Set" is not allowed: Secrets should have expiration date set.';
    return keyVaultFailure(403, 'Forbidden', 'ForbiddenByPolicy', {}, words);
  }
  if (asked.method === 'PUT') return { status: 200, body: put(fake, name, asked.body) };
  const versions = fake.secrets.get(name.toLowerCase()) ?? [];
  const there = version ? versions.find(({ id }) => id.endsWith(`/${version}`)) : versions.at(-1);
  if (there === undefined) return keyVaultFailure(404, 'SecretNotFound');
  if (asked.method === 'PATCH') {
    Object.assign(there.attributes, asked.body.attributes);
    const { value: _value, ...shown } = there;
    return { status: 200, body: shown };
  }
  if (!there.attributes.enabled) return keyVaultFailure(403, 'Forbidden', 'SecretDisabled');
  return { status: 200, body: there };
}

function entra({ text }: Asked): Answer {
  const form = new URLSearchParams(text);
  const isRight =
    form.get('grant_type') === 'client_credentials' &&
    form.get('client_id') === 'app-1' &&
    form.get('client_secret') === clientSecret &&
    form.get('scope') === 'https://vault.azure.net/.default';
  if (!isRight) {
    const description = 'AADSTS7000215: Invalid client secret provided.';
    return { status: 401, body: { error: 'invalid_client', error_description: description } };
  }
  return { status: 200, body: { token_type: 'Bearer', expires_in: 3599, access_token: token } };
}

function put(fake: FakeKeyVault, name: string, body: Record<string, unknown>): Version {
  const folded = name.toLowerCase();
  const versions = fake.secrets.get(folded) ?? [];
  const id = `https://my-vault.vault.azure.net/secrets/${name}/${String(versions.length + 1).padStart(32, '0')}`;
  // Attributes that are not sent are not taken over from the version before.
  const attributes = { enabled: true, ...(body.attributes ?? {}), created: Math.floor(Date.now() / 1000) };
  const made = { tags: {}, ...body, id, attributes } as Version;
  fake.secrets.set(folded, [...versions, made]);
  return made;
}

export async function azureKeyVaultWorld(): Promise<TargetWorld> {
  const fake = await fakeKeyVault();
  const { api } = fake;
  return {
    config: {
      vaultUrl: `${api.url}/`,
      tenantId: 'tenant-1',
      clientId: 'app-1',
      clientSecret,
      loginUrl: api.url,
    },
    place: {},
    secrets: [clientSecret, token],
    refuse: async () => {
      api.trouble = () => ({ status: 401, body: { error: 'invalid_client' } });
    },
    breakDown: async () => {
      api.trouble = () => keyVaultFailure(503, 'ServiceUnavailable');
    },
    // What consumers can read: a disabled secret is no longer there for them.
    neighbours: async (key) =>
      JSON.stringify(
        [...fake.secrets]
          .map(([name, versions]) => [name, versions.at(-1)] as const)
          .filter(([name, newest]) => name !== key.toLowerCase() && newest?.attributes.enabled)
          .map(([name, newest]) => [name, newest?.value, newest?.tags])
          .sort(),
      ),
    nameOf: (key) => key.replace('_', '-'),
    close: api.close,
  };
}
