import { type Answer, type Asked, type FakeServer, fakeServer, recordOf, shownBy } from './oauth-server.ts';

interface FakeProvider extends Record<string, unknown> {
  readonly pk: number;
  name: string;
  client_type: string;
  client_id: string;
  client_secret: string;
}

export interface FakeAuthentik extends FakeServer {
  readonly providers: FakeProvider[];
  readonly apiToken: string;
  refused: boolean;
  may: 'change' | 'view' | 'nothing';
  provider(pk: number): FakeProvider;
}

/** The OAuth2 providers of authentik's API v3, and its token endpoint. */
export async function fakeAuthentik(): Promise<FakeAuthentik> {
  const server = await fakeServer((asked) => answer(fake, asked));
  const fake: FakeAuthentik = Object.assign(server, {
    providers: [made(7, 'fleet', 'first-secret'), made(8, 'sibling', 'sibling-secret')],
    apiToken: 'first-api-token',
    refused: false,
    may: 'change' as const,
    provider: (pk: number) => {
      const one = fake.providers.find((candidate) => candidate.pk === pk);
      if (one === undefined) throw new Error(`the fake has no provider ${pk}`);
      return one;
    },
  });
  return fake;
}

function made(pk: number, clientId: string, secret: string): FakeProvider {
  return {
    pk,
    name: `Provider ${pk}`,
    client_type: 'confidential',
    client_id: clientId,
    client_secret: secret,
    redirect_uris: [{ matching_mode: 'strict', url: 'https://app.example/callback' }],
    access_token_validity: 'minutes=5',
  };
}

function answer(fake: FakeAuthentik, asked: Asked): Answer {
  if (asked.path === '/application/o/token/') return token(fake, asked);
  // authentik's own words for a token that it does not know.
  if (fake.refused || asked.bearer !== fake.apiToken) return [403, { detail: 'Token invalid/expired' }];
  const denied = [403, { detail: 'You do not have permission to perform this action.' }] satisfies Answer;
  if (fake.may === 'nothing') return denied;
  if (asked.path === '/api/v3/providers/oauth2/')
    return [200, { pagination: { count: fake.providers.length }, results: fake.providers }];
  const pk = Number(/^\/api\/v3\/providers\/oauth2\/(\d+)\/$/.exec(asked.path)?.[1]);
  const one = fake.providers.find((candidate) => candidate.pk === pk);
  if (one === undefined) return [404, { detail: 'No OAuth2Provider matches the given query.' }];
  if (asked.method !== 'PATCH') return [200, one];
  return fake.may === 'change' ? patched(one, recordOf(asked.json)) : denied;
}

function patched(one: FakeProvider, change: Record<string, unknown>): Answer {
  const { client_type: type = one.client_type, client_secret: secret = one.client_secret } = change;
  if (type !== 'confidential' && type !== 'public')
    return [400, { client_type: [`"${type}" is not a valid choice.`] }];
  if (typeof secret !== 'string' || secret.length > 255)
    return [400, { client_secret: ['Ensure this field has no more than 255 characters.'] }];
  Object.assign(one, change);
  return [200, one];
}

/** A wrong secret is `invalid_client` for refresh tokens, and `invalid_grant` for client credentials. */
function token(fake: FakeAuthentik, asked: Asked): Answer {
  const { clientId, secret } = shownBy(asked);
  const one = fake.providers.find(({ client_id }) => client_id === clientId);
  if (one === undefined) return [400, { error: 'invalid_client' }];
  const right = secret === one.client_secret;
  if (new URLSearchParams(asked.text).get('grant_type') === 'client_credentials')
    return right ? [200, { access_token: 'a-token', expires_in: 300 }] : [400, { error: 'invalid_grant' }];
  return [400, { error: right ? 'invalid_grant' : 'invalid_client' }];
}
