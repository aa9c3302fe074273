import { type Answer, type Asked, type VendorFake, vendorFake } from '#tests/support/vendor-fake.ts';
import type { TargetWorld } from './world.ts';

export const cloudflareToken = 'cfat_0123456789abcdefghijklmnopqrstuvwxyzAB';
export const cloudflareAccount = '023e105f4ecef8ad9ca31a8372d0c353';

export interface FakeWorkers extends VendorFake {
  readonly secrets: Map<string, string>;
  /** Bindings that are no secrets. */
  readonly plain: Set<string>;
  /** How many versions were deployed. */
  versions: number;
}

export const cloudflareError = (status: number, code: number, message = 'refused'): Answer => ({
  status,
  body: { success: false, errors: [{ code, message }], messages: [], result: null },
});

/** The secrets of the Worker shop as documented: names without values, and a merge patch that deploys one version. */
export async function fakeWorkers(): Promise<FakeWorkers> {
  const secrets = new Map<string, string>();
  const plain = new Set<string>();
  const envelope = (result: unknown): Answer => ({
    status: 200,
    body: { success: true, errors: [], messages: [], result },
  });
  const shown = () => [...secrets.keys()].map((name) => ({ name, type: 'secret_text' }));

  function patch({ headers, body }: Asked): Answer {
    const wanted = Object.entries(
      (body.secrets ?? {}) as Record<string, { name: string; text: string } | null>,
    );
    if (headers['content-type'] !== 'application/merge-patch+json') return cloudflareError(415, 10001);
    if (wanted.length === 0 || wanted.length > 100) return cloudflareError(400, 10021);
    if (wanted.some(([name, secret]) => secret !== null && (secret.name !== name || plain.has(name))))
      return cloudflareError(400, 10053, 'Binding name already in use.');
    for (const [name, secret] of wanted) {
      if (secret === null) secrets.delete(name);
      else secrets.set(name, secret.text);
    }
    state.versions += 1;
    return envelope(shown());
  }

  const fake = await vendorFake((asked) => {
    if (asked.headers.authorization !== `Bearer ${cloudflareToken}`)
      return cloudflareError(400, 6003, 'Invalid request headers');
    const at = asked.path.slice(0, -1).join('/');
    if (at !== `client/v4/accounts/${cloudflareAccount}/workers/scripts/shop`)
      return cloudflareError(404, 10007, 'This Worker does not exist on your account.');
    if (asked.method === 'PATCH' && asked.path.at(-1) === 'secrets-bulk') return patch(asked);
    return envelope(shown());
  });
  const state: FakeWorkers = Object.assign(fake, { secrets, plain, versions: 0 });
  return state;
}

export async function cloudflareWorkersWorld(): Promise<TargetWorld> {
  const fake = await fakeWorkers();
  fake.secrets.set('OTHER', 'kept').set('SECRET_OLD', 'kept too');
  return {
    config: { baseUrl: fake.url, token: cloudflareToken, accountId: cloudflareAccount },
    place: { script: 'shop' },
    secrets: [cloudflareToken],
    refuse: async () => {
      fake.trouble = cloudflareError(403, 10000, 'Authentication error');
    },
    breakDown: async () => {
      fake.trouble = cloudflareError(500, 10013, 'An unknown error has occurred.');
    },
    neighbours: async (key) => JSON.stringify([...fake.secrets].filter(([name]) => name !== key).sort()),
    storedAt: async (key) => fake.secrets.get(key),
    close: fake.close,
  };
}
