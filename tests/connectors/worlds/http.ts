import { Plaintext } from '#lib/plaintext.ts';
import { type FakeBehaviour, fakeSurfaceScout } from '#tests/fakes/surfacescout.ts';
import type { IssuerWorld } from './world.ts';

const SECRETS = '/admin/clients/{{place.name}}/secrets';
const AUTHORIZATION = 'Authorization: Bearer {{secret.token}}';

/** Two slots, a list and tags: the sample vendor as an operator would write it down. */
export const slotRequests = (url: string) => ({
  maxLive: 2,
  issue: `POST ${SECRETS}\n${AUTHORIZATION}\n\n{"tag": "{{rotationId}}"}`,
  issuedSecret: '/secret',
  issuedId: '/id',
  full: '409 /error slot_full',
  list: `GET ${SECRETS}\n${AUTHORIZATION}`,
  listedItems: '/secrets',
  listedId: '/id',
  listedTag: '/tag',
  revoke: `DELETE ${SECRETS}/{{externalId}}\n${AUTHORIZATION}`,
  readBack: `GET ${SECRETS}/{{externalId}}\n${AUTHORIZATION}`,
  readSecret: '/secret',
  tokenUrl: `${url}/oauth/token`,
  failedSignIns: 10,
});

/** One slot that takes a value of ours, tried by a request. */
export const chosenRequests = () => ({
  issue: `POST ${SECRETS}\n${AUTHORIZATION}\n\n{"tag": "{{rotationId}}", "value": "{{chosen}}"}`,
  check: `GET /admin/clients/{{place.name}}\n${AUTHORIZATION}`,
  signIn: 'request',
  verify: [
    'POST /oauth/token',
    'Content-Type: application/x-www-form-urlencoded',
    '',
    'grant_type=client_credentials&client_id={{field.clientId}}&client_secret={{field.clientSecret}}',
  ].join('\n'),
  rejected: '401 /error invalid_client',
  failedSignIns: 10,
});

export const httpWorld = () => world({ maxLive: 2, readBack: true }, slotRequests);

export const httpChosenWorld = () => world({ maxLive: 1, chosenValue: true, list: false }, chosenRequests);

async function world(
  wanted: Partial<FakeBehaviour>,
  requests: (url: string) => Record<string, unknown>,
): Promise<IssuerWorld> {
  const fake = await fakeSurfaceScout(wanted);
  const first = fake.live.get('first')?.value ?? '';
  const { clientId } = fake.behaviour;
  return {
    config: { baseUrl: `${fake.url}/`, token: fake.adminToken, ...requests(fake.url) },
    place: { name: clientId },
    working: { clientId: new Plaintext(clientId), clientSecret: new Plaintext(first) },
    initial: 'first',
    secrets: [first, fake.adminToken],
    refuse: async () => {
      fake.trouble = 'unauthorized';
    },
    breakDown: async () => {
      fake.trouble = 'unavailable';
    },
    close: fake.close,
  };
}
