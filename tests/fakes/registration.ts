import { randomBytes } from 'node:crypto';
import {
  type Answer,
  type Asked,
  type FakeServer,
  fakeServer,
  recordOf,
  shownBy,
  tokenAnswer,
} from './oauth-server.ts';

export interface FakeRegistration extends FakeServer {
  client: Record<string, unknown> & { client_id: string; client_secret: string };
  token: string;
  /** What an update replaces. */
  rotatesSecret: boolean;
  rotatesToken: 'never' | 'on update' | 'always';
  /** Answers updates with this status instead. */
  refusesUpdates: number | null;
  /** The last update as it was sent. */
  updated: Record<string, unknown> | null;
}

/** The client configuration endpoint of RFC 7592 for one client, and a token endpoint. */
export async function fakeRegistration(): Promise<FakeRegistration> {
  const server = await fakeServer((asked) => answer(fake, asked));
  const fake: FakeRegistration = Object.assign(server, {
    client: {
      client_id: 'fleet',
      client_secret: 'first-secret',
      client_secret_expires_at: 0,
      client_id_issued_at: 1_700_000_000,
      client_name: 'Fleet',
      'client_name#de': 'Flotte',
      redirect_uris: ['https://app.example/callback'],
      vendor_setting: { kept: true },
    },
    token: 'first-registration-token',
    rotatesSecret: true,
    rotatesToken: 'on update' as const,
    refusesUpdates: null,
    updated: null,
  });
  return fake;
}

function answer(fake: FakeRegistration, asked: Asked): Answer {
  if (asked.path === '/token') {
    const { clientId, secret } = shownBy(asked);
    return tokenAnswer(clientId === fake.client.client_id && secret === fake.client.client_secret);
  }
  if (asked.bearer !== fake.token) return [401, { error: 'invalid_token' }];
  if (asked.method === 'GET') {
    if (fake.rotatesToken === 'always') fake.token = newValue();
    return [200, whole(fake)];
  }
  if (asked.method !== 'PUT') return [405, { error: 'invalid_request' }];
  return fake.refusesUpdates === null ? update(fake, recordOf(asked.json)) : [fake.refusesUpdates];
}

function update(fake: FakeRegistration, body: Record<string, unknown>): Answer {
  fake.updated = body;
  const forbidden = [
    'registration_access_token',
    'registration_client_uri',
    'client_secret_expires_at',
    'client_id_issued_at',
  ].some((name) => name in body);
  const same = body.client_id === fake.client.client_id && body.client_secret === fake.client.client_secret;
  if (forbidden || !same) return [400, { error: 'invalid_request' }];
  // An update replaces the metadata as a whole: what is left out is gone.
  const { client_id, client_secret, client_secret_expires_at, client_id_issued_at } = fake.client;
  fake.client = {
    ...body,
    client_id,
    client_secret_expires_at,
    client_id_issued_at,
    client_secret: fake.rotatesSecret ? newValue() : client_secret,
  };
  if (fake.rotatesToken !== 'never') fake.token = newValue();
  return [200, whole(fake)];
}

function whole(fake: FakeRegistration) {
  return {
    ...fake.client,
    registration_client_uri: `${fake.url}/register/fleet`,
    registration_access_token: fake.token,
  };
}

const newValue = () => randomBytes(24).toString('base64url');
