import sodium from 'libsodium-wrappers';
import { type Answer, type Asked, type VendorFake, vendorFake } from '#tests/support/vendor-fake.ts';
import type { TargetWorld } from './world.ts';

export const githubToken = 'github_pat_11ABCDEFG0123456789';

interface Kept {
  value: string;
  visibility?: string;
  selected?: number[];
}

export interface FakeGithub extends VendorFake {
  /** Secrets by place and name, decrypted as a job would see them. */
  readonly secrets: Map<string, Kept>;
  /** Makes a new key pair; the old key_id is refused from then on. */
  renewKey(): void;
}

export const notFound = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' },
};

/** GitHub's secrets API as documented for 2022-11-28. It opens what it is sent with its private key. */
export async function fakeGithub(): Promise<FakeGithub> {
  await sodium.ready;
  const secrets = new Map<string, Kept>();
  let pair = sodium.crypto_box_keypair();
  let keyId = 568_250_167_242_549_743n;
  const places = ['repos/acme/shop/actions', 'repos/acme/shop/environments/live eu/1', 'orgs/acme/actions'];

  function open({ body }: Asked): string | undefined {
    if (body.key_id !== String(keyId)) return undefined;
    try {
      const bytes = Buffer.from(String(body.encrypted_value), 'base64');
      return Buffer.from(sodium.crypto_box_seal_open(bytes, pair.publicKey, pair.privateKey)).toString();
    } catch {
      return undefined;
    }
  }

  function put(asked: Asked, id: string): Answer {
    const value = open(asked);
    const { visibility, selected_repository_ids: selected } = asked.body;
    const org = id.startsWith('orgs/');
    if (value === undefined || org !== (visibility !== undefined))
      return { status: 422, body: { message: 'Validation Failed', status: '422' } };
    const before = secrets.has(id);
    secrets.set(id, {
      value,
      ...(org && { visibility: String(visibility) }),
      ...(visibility === 'selected' && { selected: (selected as number[] | undefined) ?? [] }),
    });
    return before ? { status: 204 } : { status: 201, body: {} };
  }

  function repositories({ query }: Asked, ids: readonly number[]): Answer {
    const size = Number(query.get('per_page') ?? 30);
    const page = Number(query.get('page') ?? 1);
    const shown = ids.slice((page - 1) * size, page * size).map((id) => ({ id, name: `r${id}` }));
    return { status: 200, body: { total_count: ids.length, repositories: shown } };
  }

  const fake = await vendorFake((asked) => {
    if (asked.headers.authorization !== `Bearer ${githubToken}`)
      return { status: 401, body: { message: 'Bad credentials', status: '401' } };
    if (!asked.headers['user-agent'])
      return { status: 403, body: 'Request forbidden by administrative rules.' };
    const at = asked.path.indexOf('secrets');
    const where = asked.path.slice(0, at).join('/');
    const [name, more] = asked.path.slice(at + 1);
    if (at < 0 || !places.includes(where)) return notFound;
    if (name === 'public-key') {
      const key = Buffer.from(pair.publicKey).toString('base64');
      return { status: 200, body: { key_id: String(keyId), key } };
    }
    if (name === undefined) return { status: 200, body: { total_count: secrets.size, secrets: [] } };
    const id = `${where}/${name.toUpperCase()}`;
    if (asked.method === 'PUT') return put(asked, id);
    const there = secrets.get(id);
    if (there === undefined) return notFound;
    if (more === 'repositories') return repositories(asked, there.selected ?? []);
    if (asked.method === 'DELETE') {
      secrets.delete(id);
      return { status: 204 };
    }
    const { visibility } = there;
    return {
      status: 200,
      body: { name, updated_at: '2026-11-25T00:00:00Z', ...(visibility && { visibility }) },
    };
  });
  return Object.assign(fake, {
    secrets,
    renewKey: () => {
      pair = sodium.crypto_box_keypair();
      keyId += 1n;
    },
  });
}

async function worldAt(place: object, where: string, sharing: Partial<Kept>): Promise<TargetWorld> {
  const fake = await fakeGithub();
  for (const name of ['OTHER', 'SECRET_OLD'])
    fake.secrets.set(`${where}/${name}`, { value: 'kept', ...sharing });
  return {
    config: { baseUrl: fake.url, token: githubToken },
    place,
    secrets: [githubToken],
    refuse: async () => {
      fake.trouble = {
        status: 403,
        body: { message: 'Resource not accessible by personal access token', status: '403' },
      };
    },
    breakDown: async () => {
      fake.trouble = { status: 502, body: '<html>Unicorn!</html>' };
    },
    neighbours: async (key) =>
      JSON.stringify([...fake.secrets].filter(([id]) => id !== `${where}/${key}`).sort()),
    storedAt: async (key) => fake.secrets.get(`${where}/${key}`)?.value,
    close: fake.close,
  };
}

export const githubRepositoryWorld = () =>
  worldAt({ owner: 'acme', repository: 'shop' }, 'repos/acme/shop/actions', {});

export const githubEnvironmentWorld = () =>
  worldAt(
    { owner: 'acme', repository: 'shop', environment: 'live eu/1' },
    'repos/acme/shop/environments/live eu/1',
    {},
  );

export const githubOrganizationWorld = () =>
  worldAt({ owner: 'acme' }, 'orgs/acme/actions', { visibility: 'selected', selected: [1, 2] });
