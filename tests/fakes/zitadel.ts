import { randomBytes } from 'node:crypto';
import { type Answer, type Asked, type FakeServer, fakeServer, recordOf, shownBy } from './oauth-server.ts';

interface FakeApplication {
  readonly applicationId: string;
  readonly projectId: string;
  name: string;
  readonly clientId: string;
  clientSecret: string;
  kind: 'apiConfiguration' | 'oidcConfiguration' | 'samlConfiguration';
  /** Left out in answers where it is BASIC, the first value of the enumeration. */
  authMethodType?: string;
}

export interface FakeZitadel extends FakeServer {
  readonly applications: FakeApplication[];
  readonly token: string;
  refused: boolean;
  /** What the account of the token may do with the applications of the project. */
  may: 'write' | 'read' | 'nothing';
  application(applicationId: string): FakeApplication;
}

const SERVICE = '/zitadel.application.v2.ApplicationService/';

/** The application service v2 and the introspection endpoint of ZITADEL, for two applications. */
export async function fakeZitadel(): Promise<FakeZitadel> {
  const server = await fakeServer((asked) => answer(fake, asked));
  const fake: FakeZitadel = Object.assign(server, {
    applications: [made('2001', 'first-secret'), made('2002', 'sibling-secret')],
    token: 'first-access-token',
    refused: false,
    may: 'write' as const,
    application: (applicationId: string) => {
      const one = fake.applications.find((candidate) => candidate.applicationId === applicationId);
      if (one === undefined) throw new Error(`the fake has no application ${applicationId}`);
      return one;
    },
  });
  return fake;
}

function made(applicationId: string, clientSecret: string): FakeApplication {
  return {
    applicationId,
    projectId: '1001',
    name: `App ${applicationId}`,
    clientId: `client-${applicationId}`,
    clientSecret,
    kind: 'apiConfiguration',
  };
}

function answer(fake: FakeZitadel, asked: Asked): Answer {
  if (asked.path === '/oauth/v2/introspect') {
    const { clientId, secret } = shownBy(asked);
    const one = fake.applications.find((candidate) => candidate.clientId === clientId);
    const right = one !== undefined && one.clientSecret === secret;
    return right ? [200, { active: false }] : [401, { error: 'unauthorized_client' }];
  }
  if (fake.refused || asked.bearer !== fake.token)
    return [401, { code: 'unauthenticated', message: 'auth header missing' }];
  if (asked.headers['connect-protocol-version'] !== '1' || !asked.path.startsWith(SERVICE))
    return [404, { code: 'unimplemented' }];
  return service(fake, asked.path.slice(SERVICE.length), recordOf(asked.json));
}

function service(fake: FakeZitadel, method: string, body: Record<string, unknown>): Answer {
  const denied = [
    403,
    { code: 'permission_denied', message: 'No matching permissions found' },
  ] satisfies Answer;
  if (fake.may === 'nothing') return denied;
  if (method === 'ListApplications') return [200, { applications: fake.applications.map(shown) }];
  const one = fake.applications.find(({ applicationId }) => applicationId === body.applicationId);
  if (one === undefined) return [404, { code: 'not_found', message: 'Application not found' }];
  if (method === 'GetApplication') return [200, { application: shown(one) }];
  if (method !== 'GenerateClientSecret') return [404, { code: 'unimplemented' }];
  if (fake.may !== 'write') return denied;
  if (body.projectId !== one.projectId) return [404, { code: 'not_found', message: 'Application not found' }];
  one.clientSecret = randomBytes(24).toString('base64url');
  return [200, { clientSecret: one.clientSecret, creationDate: '2026-11-25T12:00:00Z' }];
}

function shown({ clientId, clientSecret: _hashed, kind, authMethodType, ...rest }: FakeApplication) {
  return { ...rest, [kind]: { clientId, ...(authMethodType && { authMethodType }) } };
}
