import { type Answer, type Asked, type VendorFake, vendorFake } from '#tests/support/vendor-fake.ts';
import type { TargetWorld } from './world.ts';

export const netlifyToken = 'nfp_0123456789abcdefghijklmnopqrstuvwxyz';
export const netlifySite = 'b1c2d3e4-0000-4000-8000-000000000001';

interface Value {
  id: string;
  context: string;
  value: string;
}

export interface NetlifyVariable {
  key: string;
  site: string | null;
  scopes: string[];
  is_secret: boolean;
  values: Value[];
}

export interface FakeNetlify extends VendorFake {
  readonly variables: NetlifyVariable[];
  readonly deploys: { id: string; state: string; published_at: string | null }[];
  add(key: string, values: Record<string, string>, rest?: Partial<NetlifyVariable>): NetlifyVariable;
}

export const netlifyError = (code: number, message: string): Answer => ({
  status: code,
  body: { code, message },
});

const ALL_SCOPES = ['builds', 'functions', 'post_processing', 'runtime'];

/** Netlify's environment variables, builds and deploys as open-api documents them, for one team with one project. */
export async function fakeNetlify(): Promise<FakeNetlify> {
  const variables: NetlifyVariable[] = [];
  const deploys: FakeNetlify['deploys'] = [];
  let ids = 0;
  const valued = (context: string, value: string): Value => {
    ids += 1;
    return { id: `value-${ids}`, context, value };
  };

  function add(key: string, values: Record<string, string>, rest: Partial<NetlifyVariable> = {}) {
    const made: NetlifyVariable = {
      key,
      site: netlifySite,
      scopes: ALL_SCOPES,
      is_secret: false,
      values: Object.entries(values).map(([context, value]) => valued(context, value)),
      ...rest,
    };
    variables.push(made);
    return made;
  }

  const shown = ({ site: _site, ...one }: NetlifyVariable) => ({
    ...one,
    values: one.values.map((value) =>
      one.is_secret && value.context !== 'dev' ? { ...value, value: '****' } : value,
    ),
  });

  function create({ body }: Asked, site: string | null): Answer {
    for (const one of body as unknown as NetlifyVariable[]) {
      const bare = one.values.some(({ context }) => context === 'all' || context === 'dev');
      const scopes = one.scopes ?? ALL_SCOPES;
      if (one.is_secret && (bare || scopes.includes('post_processing')))
        return netlifyError(422, 'Secret values must specify contexts and no post-processing scope');
      if (variables.some((other) => other.key === one.key && other.site === site))
        return netlifyError(422, 'Key already exists');
      add(one.key, Object.fromEntries(one.values.map(({ context, value }) => [context, value])), {
        site,
        scopes,
        is_secret: one.is_secret,
      });
    }
    return { status: 201, body: variables.slice(-1).map(shown) };
  }

  function change({ method, path, body }: Asked, found: NetlifyVariable): Answer {
    if (method === 'GET') return { status: 200, body: shown(found) };
    if (method === 'PATCH') {
      const there = found.values.find(({ context }) => context === body.context);
      if (there) there.value = String(body.value);
      else found.values.push(valued(String(body.context), String(body.value)));
      return { status: 201, body: shown(found) };
    }
    if (path[6] === 'value') found.values = found.values.filter(({ id }) => id !== path[7]);
    else variables.splice(variables.indexOf(found), 1);
    return { status: 204 };
  }

  const fake = await vendorFake((asked) => {
    if (asked.headers.authorization !== `Bearer ${netlifyToken}`) return netlifyError(401, 'Access Denied');
    const [, , room, id, list, key] = asked.path;
    if (room === 'sites' && id === netlifySite && list === 'builds' && asked.method === 'POST') {
      deploys.push({ id: `deploy-${deploys.length + 1}`, state: 'enqueued', published_at: null });
      return { status: 200, body: { id: 'build-1', deploy_id: deploys.at(-1)?.id, done: false } };
    }
    const found = deploys.find((one) => room === 'deploys' && one.id === id);
    if (found) return { status: 200, body: found };
    const site = asked.query.get('site_id');
    if (room !== 'accounts' || id !== 'acme' || list !== 'env' || (site !== null && site !== netlifySite))
      return netlifyError(404, 'Not Found');
    const there = variables.find((one) => one.key === key && one.site === site);
    if (key !== undefined) return there ? change(asked, there) : netlifyError(404, 'Not Found');
    if (asked.method === 'POST') return create(asked, site);
    return { status: 200, body: variables.filter((one) => one.site === site).map(shown) };
  });
  return Object.assign(fake, { variables, deploys, add });
}

async function worldOf(secret: boolean): Promise<TargetWorld> {
  const fake = await fakeNetlify();
  fake.add(
    'SECRET',
    { 'deploy-preview': 'of previews', dev: 'of dev' },
    {
      is_secret: secret,
      ...(secret && { scopes: ['builds', 'functions', 'runtime'] }),
    },
  );
  fake.add('SECRET', { all: 'of the team' }, { site: null });
  fake.add('OTHER', { production: 'kept' });
  const held = (key: string) =>
    fake.variables
      .find((one) => one.key === key && one.site !== null)
      ?.values.find(({ context }) => context === 'production');
  return {
    config: { baseUrl: fake.url, token: netlifyToken },
    place: { account: 'acme', siteId: netlifySite, secret },
    secrets: [netlifyToken],
    refuse: async () => {
      fake.trouble = netlifyError(403, 'Forbidden');
    },
    breakDown: async () => {
      fake.trouble = netlifyError(503, 'Service Unavailable');
    },
    neighbours: async (key) => {
      const own = held(key);
      // Ids count up, so a value that came, went and came again would differ by its id alone.
      const rest = fake.variables.map((one) => ({
        ...one,
        values: one.values.filter((value) => value !== own).map(({ context, value }) => ({ context, value })),
      }));
      return JSON.stringify(rest);
    },
    storedAt: async (key) => held(key)?.value,
    endRedeploys: async (well) => {
      for (const one of fake.deploys) {
        if (one.state !== 'enqueued') continue;
        Object.assign(one, well ? { state: 'ready', published_at: '2026-11-25' } : { state: 'error' });
      }
    },
    close: fake.close,
  };
}

export const netlifyWorld = () => worldOf(false);
export const netlifySecretWorld = () => worldOf(true);
