import { Plaintext } from '#lib/plaintext.ts';
import {
  type AwsAnswer,
  type AwsAsked,
  awsError,
  denied,
  type FakeAws,
  fakeAws,
  newKey,
  outOfOrder,
} from './aws.ts';
import type { IssuerWorld } from './world.ts';

export interface FakeKey {
  readonly user: string;
  readonly createdAt: string;
  status: 'Active' | 'Inactive';
  lastUsed?: string;
}

export interface FakeIam extends FakeAws {
  /** By access key ID. */
  readonly live: Map<string, FakeKey>;
  readonly users: Set<string>;
  /** Adds a key as somebody else would. */
  add(user: string): { accessKeyId: string; secretAccessKey: string };
}

/** IAM 2010-05-08 and STS 2011-06-15, with answers as their API references show them. */
export async function fakeIam(): Promise<FakeIam> {
  const live = new Map<string, FakeKey>();
  const users = new Set(['app', 'sibling', 'rekey']);
  const aws = await fakeAws((asked) => serve(asked));
  const add = (user: string) => {
    const made = newKey();
    live.set(made.accessKeyId, { user, createdAt: '2026-11-02T10:00:00Z', status: 'Active' });
    aws.keys.set(made.accessKeyId, made.secretAccessKey);
    return made;
  };
  live.set(aws.config.accessKeyId, { user: 'rekey', createdAt: '2026-01-01T00:00:00Z', status: 'Active' });

  function serve(asked: AwsAsked): AwsAnswer {
    const { service, action, body, accessKeyId } = asked;
    if (action === 'GetCallerIdentity') {
      const { user } = live.get(accessKeyId) ?? { user: 'nobody' };
      return xml(
        asked,
        `<Arn>arn:aws:iam::123456789012:user/${user}</Arn><UserId>AIDA</UserId><Account>123456789012</Account>`,
      );
    }
    if (action === 'ListUsers') {
      const members = [...users].map((name) => `<member><UserName>${name}</UserName></member>`).join('');
      return xml(asked, `<Users>${members}</Users><IsTruncated>false</IsTruncated>`);
    }
    if (action === 'GetAccessKeyLastUsed') {
      const { user, lastUsed } = live.get(String(body.AccessKeyId)) ?? {};
      const date = lastUsed === undefined ? '' : `<LastUsedDate>${lastUsed}</LastUsedDate>`;
      return xml(
        asked,
        `<UserName>${user}</UserName><AccessKeyLastUsed><Region>N/A</Region><ServiceName>N/A</ServiceName>${date}</AccessKeyLastUsed>`,
      );
    }
    const user = String(body.UserName);
    if (!users.has(user))
      return awsError(service, 404, 'NoSuchEntity', `The user with name ${user} cannot be found.`);
    const own = [...live].filter(([, key]) => key.user === user);
    if (action === 'ListAccessKeys') {
      const members = own.map(
        ([id, key]) =>
          `<member><UserName>${user}</UserName><AccessKeyId>${id}</AccessKeyId><Status>${key.status}</Status><CreateDate>${key.createdAt}</CreateDate></member>`,
      );
      return xml(
        asked,
        `<UserName>${user}</UserName><AccessKeyMetadata>${members.join('')}</AccessKeyMetadata><IsTruncated>false</IsTruncated>`,
      );
    }
    if (action === 'CreateAccessKey') {
      if (own.length >= 2)
        return awsError(service, 409, 'LimitExceeded', 'Cannot exceed quota for AccessKeysPerUser: 2');
      const made = add(user);
      return xml(
        asked,
        `<AccessKey><UserName>${user}</UserName><AccessKeyId>${made.accessKeyId}</AccessKeyId><Status>Active</Status><SecretAccessKey>${made.secretAccessKey}</SecretAccessKey></AccessKey>`,
      );
    }
    if (action !== 'DeleteAccessKey') return awsError(service, 400, 'InvalidAction');
    const id = String(body.AccessKeyId);
    if (live.get(id)?.user !== user)
      return awsError(service, 404, 'NoSuchEntity', `The Access Key with id ${id} cannot be found.`);
    live.delete(id);
    aws.keys.delete(id);
    return xml(asked, undefined);
  }
  return Object.assign(aws, { live, users, add });
}

function xml({ service, action }: AwsAsked, result: string | undefined): AwsAnswer {
  const namespace =
    service === 'iam'
      ? 'https://iam.amazonaws.com/doc/2010-05-08/'
      : 'https://sts.amazonaws.com/doc/2011-06-15/';
  const inner = result === undefined ? '' : `<${action}Result>${result}</${action}Result>`;
  const metadata =
    '<ResponseMetadata><RequestId>7a62c49f-347e-4fc4-9331-6e8e00000000</RequestId></ResponseMetadata>';
  return {
    status: 200,
    body: `<${action}Response xmlns="${namespace}">\n  ${inner}\n  ${metadata}\n</${action}Response>\n`,
  };
}

export async function awsIamWorld(): Promise<IssuerWorld> {
  const fake = await fakeIam();
  const first = fake.add('app');
  fake.add('sibling');
  return {
    config: fake.config,
    place: { userName: 'app' },
    working: {
      accessKeyId: new Plaintext(first.accessKeyId),
      secretAccessKey: new Plaintext(first.secretAccessKey),
    },
    initial: first.accessKeyId,
    secrets: [first.secretAccessKey, fake.config.secretAccessKey],
    refuse: async () => {
      fake.trouble = denied;
    },
    breakDown: async () => {
      fake.trouble = outOfOrder;
    },
    close: fake.close,
  };
}
