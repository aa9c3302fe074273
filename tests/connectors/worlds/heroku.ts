import { type Answer, type VendorFake, vendorFake } from '#tests/support/vendor-fake.ts';
import type { TargetWorld } from './world.ts';

export const herokuToken = 'HRKU-01234567-89ab-cdef-0123-456789abcdef';

export interface FakeHeroku extends VendorFake {
  readonly vars: Map<string, string>;
  /** Config vars of add-ons, which cannot be overwritten. */
  readonly attached: Set<string>;
  /** How often the app was restarted by a release. */
  releases: number;
}

export const herokuError = (status: number, id: string): Answer => ({ status, body: { id, message: id } });

/** Heroku's config vars as documented for version 3: a merge, a release for every change, attachments that are kept. */
export async function fakeHeroku(): Promise<FakeHeroku> {
  const vars = new Map<string, string>();
  const attached = new Set<string>();
  const fake = await vendorFake((asked) => {
    if (asked.headers.accept !== 'application/vnd.heroku+json; version=3')
      return herokuError(406, 'not_acceptable');
    if (asked.headers.authorization !== `Bearer ${herokuToken}`) return herokuError(401, 'unauthorized');
    if (asked.path.join('/') !== 'apps/shop/config-vars') return herokuError(404, 'not_found');
    const sent = Object.entries(asked.body);
    if (asked.method === 'PATCH') {
      if (sent.some(([key]) => attached.has(key))) return herokuError(422, 'invalid_params');
      for (const [key, value] of sent) {
        if (value === null) vars.delete(key);
        else vars.set(key, String(value));
      }
      state.releases += 1;
    }
    return { status: 200, body: Object.fromEntries(vars) };
  });
  const state: FakeHeroku = Object.assign(fake, { vars, attached, releases: 0 });
  return state;
}

export async function herokuWorld(): Promise<TargetWorld> {
  const fake = await fakeHeroku();
  fake.vars.set('OTHER', 'kept').set('SECRET_OLD', 'kept too');
  return {
    config: { baseUrl: fake.url, token: herokuToken },
    place: { app: 'shop' },
    secrets: [herokuToken],
    refuse: async () => {
      fake.trouble = herokuError(403, 'forbidden');
    },
    breakDown: async () => {
      fake.trouble = herokuError(503, 'service_unavailable');
    },
    neighbours: async (key) => JSON.stringify([...fake.vars].filter(([name]) => name !== key).sort()),
    close: fake.close,
  };
}
