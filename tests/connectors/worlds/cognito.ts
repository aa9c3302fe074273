import { randomBytes } from 'node:crypto';
import { Plaintext } from '#lib/plaintext.ts';
import { type AwsAnswer, type AwsAsked, awsError, denied, type FakeAws, fakeAws, outOfOrder } from './aws.ts';
import type { IssuerWorld } from './world.ts';

export interface FakeClientSecret {
  readonly id: string;
  readonly value: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

export interface FakeCognito extends FakeAws {
  readonly userPoolId: string;
  /** By client ID; a public client has none. */
  readonly clients: Map<string, FakeClientSecret[]>;
  /** What the client app may use. */
  readonly grants: { flows: string[]; on: boolean };
  /** Adds a secret as somebody else would. */
  add(clientId: string, value?: string): FakeClientSecret;
}

/** Cognito user pools 2016-04-18 and the token endpoint of the pool's domain, as their references show them. */
export async function fakeCognito(): Promise<FakeCognito> {
  const userPoolId = 'eu-central-1_AbCdEf123';
  const clients = new Map<string, FakeClientSecret[]>([
    ['app', []],
    ['sibling', []],
    ['public', []],
  ]);
  const grants = { flows: ['client_credentials'], on: true };
  let number = 1_790_000_000;
  const aws = await fakeAws(serve, token);
  const add = (clientId: string, value = randomBytes(24).toString('hex')) => {
    number += 60;
    const made = { id: `${clientId}--${number}`, value, createdAt: number };
    clients.get(clientId)?.push(made);
    return made;
  };

  function serve({ service, action, body }: AwsAsked): AwsAnswer {
    const clientId = String(body.ClientId);
    const secrets = clients.get(clientId);
    if (body.UserPoolId !== userPoolId)
      return awsError(service, 400, 'ResourceNotFoundException', 'User pool does not exist.');
    if (action === 'ListUserPoolClients') {
      const all = [...clients.keys()].map((ClientId) => ({
        ClientId,
        ClientName: `the ${ClientId}`,
        UserPoolId: userPoolId,
      }));
      return { status: 200, body: { UserPoolClients: all } };
    }
    if (secrets === undefined)
      return awsError(
        service,
        400,
        'ResourceNotFoundException',
        `User pool client ${clientId} does not exist.`,
      );
    if (action === 'DescribeUserPoolClient') {
      const { flows, on } = grants;
      const told = { UserPoolId: userPoolId, ClientId: clientId, ClientSecret: secrets[0]?.value };
      // Lists that are empty are left out.
      const allowed = { ...(flows.length > 0 && { AllowedOAuthFlows: flows }) };
      const body = { UserPoolClient: { ...told, ...allowed, AllowedOAuthFlowsUserPoolClient: on } };
      return { status: 200, body };
    }
    if (action === 'ListUserPoolClientSecrets') {
      const listed = secrets.map(({ id, createdAt }) => ({
        ClientSecretId: id,
        ClientSecretCreateDate: createdAt,
      }));
      return { status: 200, body: { ClientSecrets: listed } };
    }
    if (action === 'AddUserPoolClientSecret') {
      if (secrets.length >= 2)
        return awsError(service, 400, 'LimitExceededException', 'Maximum number of client secrets reached.');
      if (!/^[\w+]{24,64}$/.test(String(body.ClientSecret)))
        return awsError(service, 400, 'InvalidParameterException');
      const { id, createdAt } = add(clientId, String(body.ClientSecret));
      return {
        status: 200,
        body: { ClientSecretDescriptor: { ClientSecretId: id, ClientSecretCreateDate: createdAt } },
      };
    }
    const at = secrets.findIndex(({ id }) => id === body.ClientSecretId);
    if (at < 0) return awsError(service, 400, 'ResourceNotFoundException', 'Client secret does not exist.');
    if (secrets.length === 1)
      return awsError(service, 400, 'InvalidParameterException', 'Cannot delete the last client secret.');
    secrets.splice(at, 1);
    return { status: 200, body: '' };
  }

  function token(headers: Record<string, unknown>): AwsAnswer {
    const basic = Buffer.from(
      String(headers.authorization ?? '').replace(/^Basic /, ''),
      'base64',
    ).toString();
    const [clientId = '', secret] = basic.split(':');
    if (secret === undefined) return { status: 400, body: { error: 'invalid_request' } };
    if (!grants.on || !grants.flows.includes('client_credentials'))
      return { status: 400, body: { error: 'unauthorized_client' } };
    const right = clients.get(clientId)?.some(({ value }) => value === secret) ?? false;
    if (!right) return { status: 400, body: { error: 'invalid_client' } };
    return { status: 200, body: { access_token: 'eyJ', expires_in: 3600, token_type: 'Bearer' } };
  }
  return Object.assign(aws, { userPoolId, clients, grants, add });
}

export async function cognitoWorld(): Promise<IssuerWorld> {
  const fake = await fakeCognito();
  const first = fake.add('app');
  fake.add('sibling');
  return {
    config: { ...fake.config, userPoolId: fake.userPoolId, domain: fake.url },
    place: { clientId: 'app' },
    working: { clientId: new Plaintext('app'), clientSecret: new Plaintext(first.value) },
    initial: first.id,
    secrets: [first.value, fake.config.secretAccessKey],
    refuse: async () => {
      fake.trouble = denied;
    },
    breakDown: async () => {
      fake.trouble = outOfOrder;
    },
    close: fake.close,
  };
}
