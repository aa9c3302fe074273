import { randomUUID } from 'node:crypto';
import { Plaintext } from '#lib/plaintext.ts';
import { type Answered, type Asked, clientOf, type FakeApi, fakeApi } from '#tests/support/fake-api.ts';
import type { IssuerWorld } from './world.ts';

interface OktaSecret {
  id: string;
  value: string;
  status: 'ACTIVE' | 'INACTIVE';
  created: string;
}

interface OktaApp {
  label: string;
  method: string;
  secrets: OktaSecret[];
}

export interface FakeOkta extends FakeApi {
  readonly apiToken: string;
  /** Of the token's administrator; null where they may not see them. */
  roles: string[] | null;
  /** Whether lists hold the values, which is not documented. */
  showsValues: boolean;
  mayManage: boolean;
  readonly apps: Map<string, OktaApp>;
}

/** The client secrets API and the OAuth endpoints of an org, after their reference pages. */
export async function fakeOkta(): Promise<FakeOkta> {
  let ids = 0;
  const made = (value: string): OktaSecret => {
    ids += 1;
    return {
      id: `ocs${ids}`,
      value,
      status: 'ACTIVE',
      created: new Date(Date.UTC(2026, 0, 1) + ids * 1000).toISOString(),
    };
  };
  const app = (label: string): OktaApp => {
    return { label, method: 'client_secret_basic', secrets: [made(`${label}-${randomUUID()}`)] };
  };
  const api = await fakeApi((asked) =>
    asked.path.startsWith('/oauth2/') ? oauth(asked) : management(asked),
  );
  const fake: FakeOkta = Object.assign(api, {
    apiToken: `ssws-${randomUUID()}`,
    roles: ['APP_ADMIN'],
    showsValues: false,
    mayManage: true,
    apps: new Map([
      ['0oaOrders', app('orders')],
      ['0oaBilling', app('billing')],
    ]),
  });

  function oauth(asked: Asked): Answered {
    const { id, secret } = clientOf(asked);
    const app = fake.apps.get(id);
    if (!app?.secrets.some(({ value, status }) => value === secret && status === 'ACTIVE')) {
      return [401, { error: 'invalid_client', error_description: 'The client secret supplied is invalid.' }];
    }
    if (asked.path.endsWith('/introspect')) return [200, { active: false }];
    if (asked.path === '/oauth2/v1/token') return [401, { error: 'invalid_client' }];
    return [200, { access_token: randomUUID(), token_type: 'Bearer', expires_in: 3600 }];
  }

  function management({ method, path, headers, body }: Asked): Answered {
    if (headers.authorization !== `SSWS ${fake.apiToken}`) return fault(401, 'E0000011');
    if (path === '/api/v1/users/me') return [200, { id: '00u1' }];
    if (path === '/api/v1/users/00u1/roles') {
      return fake.roles === null
        ? fault(403, 'E0000006')
        : [200, fake.roles.map((type) => ({ id: 'r', type }))];
    }
    if (path === '/api/v1/apps') return [200, [...fake.apps].map(([id, one]) => shownApp(id, one))];
    const [, appId = '', rest = ''] = /^\/api\/v1\/apps\/(\w+)(.*)$/.exec(path) ?? [];
    const found = fake.apps.get(appId);
    if (found === undefined) return fault(404, 'E0000007');
    if (rest === '') return [200, shownApp(appId, found)];
    if (method !== 'GET' && !fake.mayManage) return fault(403, 'E0000006');
    return secrets(found, method, rest.slice('/credentials/secrets'.length), body);
  }

  function secrets(app: OktaApp, method: string, rest: string, body: string): Answered {
    if (rest === '' && method === 'GET') return [200, app.secrets.map((one) => shown(one, fake.showsValues))];
    if (rest === '') {
      if (app.secrets.length > 1) return fault(400, 'E0000001');
      const one = made(JSON.parse(body).client_secret);
      app.secrets.push(one);
      return [201, shown(one, true)];
    }
    const [, id = '', act] = rest.split('/').map((part, n) => (n === 2 ? rest.split('/')[3] : part));
    const one = app.secrets.find((secret) => secret.id === id);
    if (one === undefined) return fault(404, 'E0000007');
    if (method === 'DELETE') {
      if (one.status === 'ACTIVE') return fault(400, 'E0000001');
      app.secrets.splice(app.secrets.indexOf(one), 1);
      return [204];
    }
    if (act === 'deactivate' && app.secrets.length === 1) return fault(400, 'E0000001');
    one.status = act === 'activate' ? 'ACTIVE' : 'INACTIVE';
    return [200, shown(one, fake.showsValues)];
  }
  return fake;
}

const shownApp = (id: string, { label, method }: OktaApp) => ({
  id,
  label,
  name: 'oidc_client',
  status: 'ACTIVE',
  credentials: { oauthClient: { client_id: id, token_endpoint_auth_method: method } },
});

const shown = ({ id, value, status, created }: OktaSecret, withValue: boolean) => ({
  id,
  created,
  lastUpdated: created,
  status,
  secret_hash: 'yk4SVx4sUWVJVbHt6M-UPA',
  ...(withValue && { client_secret: value }),
});

const fault = (status: number, errorCode: string): Answered => [
  status,
  { errorCode, errorSummary: 'refused', errorLink: errorCode, errorId: 'oae1', errorCauses: [] },
];

export async function oktaWorld(place: object = {}): Promise<IssuerWorld> {
  const fake = await fakeOkta();
  const first = fake.apps.get('0oaOrders')?.secrets[0];
  return {
    config: { address: fake.url, apiToken: fake.apiToken },
    place: { appId: '0oaOrders', ...place },
    working: { clientId: new Plaintext('0oaOrders'), clientSecret: new Plaintext(first?.value ?? '') },
    initial: first?.id ?? '',
    secrets: [first?.value ?? '', fake.apiToken],
    refuse: async () => {
      fake.trouble = ({ path }) => (path.startsWith('/api/') ? fault(401, 'E0000011') : undefined);
    },
    breakDown: async () => {
      fake.trouble = () => [503, { errorCode: 'E0000009' }];
    },
    close: fake.close,
  };
}
