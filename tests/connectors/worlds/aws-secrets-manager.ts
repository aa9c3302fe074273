import { type AwsAnswer, type AwsAsked, awsError, denied, type FakeAws, fakeAws, outOfOrder } from './aws.ts';
import type { TargetWorld } from './world.ts';

export interface FakeVersion {
  readonly id: string;
  readonly text: string;
}

/** A secret with its versions, oldest first, and where AWSCURRENT and AWSPREVIOUS are. */
export interface FakeSecret {
  readonly versions: FakeVersion[];
  current: string | undefined;
  previous: string | undefined;
  /**
   * What a label still names for this many more reads, as labels are set some time after the version is there:
   * https://github.com/aws/aws-sdk-js-v3/issues/7436 and https://github.com/aws/aws-sdk-js-v3/issues/7701.
   */
  late?: { stage: 'AWSCURRENT' | 'AWSPREVIOUS'; id: string | undefined; reads: number };
}

export interface FakeSecretsManager extends FakeAws {
  readonly secrets: Map<string, FakeSecret>;
  /** Puts a value as another writer would. */
  put(secretId: string, id: string, text: string): AwsAnswer;
  textOf(secretId: string): string | undefined;
}

/** Secrets Manager 2017-10-17: versions never change, and a put moves the two stages. */
export async function fakeSecretsManager(): Promise<FakeSecretsManager> {
  const secrets = new Map<string, FakeSecret>();
  const aws = await fakeAws(serve);

  function serve({ service, action, body }: AwsAsked): AwsAnswer {
    const secret = secrets.get(String(body.SecretId));
    if (secret === undefined)
      return awsError(
        service,
        400,
        'ResourceNotFoundException',
        "Secrets Manager can't find the specified secret.",
      );
    if (action === 'DescribeSecret') return { status: 200, body: { Name: body.SecretId } };
    if (action === 'PutSecretValue')
      return put(String(body.SecretId), String(body.ClientRequestToken), String(body.SecretString));
    if (action !== 'GetSecretValue') return awsError(service, 400, 'UnknownOperationException');
    const id = labelled(secret, String(body.VersionStage));
    const at = secret.versions.findIndex((one) => one.id === id);
    const version = secret.versions[at];
    if (version === undefined) {
      const message = `Secrets Manager can't find the specified secret value for staging label: ${body.VersionStage}`;
      return awsError(service, 400, 'ResourceNotFoundException', message);
    }
    return {
      status: 200,
      body: {
        Name: body.SecretId,
        VersionId: version.id,
        SecretString: version.text,
        VersionStages: [body.VersionStage],
        CreatedDate: 1_790_000_000.5 + at,
      },
    };
  }

  function labelled(secret: FakeSecret, stage: string): string | undefined {
    const { late } = secret;
    if (late === undefined || late.stage !== stage || late.reads === 0)
      return stage === 'AWSPREVIOUS' ? secret.previous : secret.current;
    late.reads -= 1;
    return late.id;
  }

  function put(secretId: string, id: string, text: string): AwsAnswer {
    const secret = secrets.get(secretId) ?? { versions: [], current: undefined, previous: undefined };
    secrets.set(secretId, secret);
    const there = secret.versions.find((version) => version.id === id);
    if (there !== undefined && there.text !== text) {
      const message = `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secretId}.`;
      return awsError('secretsmanager', 400, 'ResourceExistsException', message);
    }
    if (there === undefined) {
      secret.versions.push({ id, text });
      secret.previous = secret.current;
      secret.current = id;
    }
    return { status: 200, body: { Name: secretId, VersionId: id, VersionStages: ['AWSCURRENT'] } };
  }

  const textOf = (secretId: string) => {
    const secret = secrets.get(secretId);
    return secret?.versions.find(({ id }) => id === secret.current)?.text;
  };
  return Object.assign(aws, { secrets, put, textOf });
}

export async function awsSecretsManagerWorld(): Promise<TargetWorld> {
  const fake = await fakeSecretsManager();
  // Written by a person: with spaces, and with members that are no texts.
  fake.put(
    'prod/app',
    'v0000000000000000000000000000001',
    '{\n  "OTHER": "1", "n": 5, "list": [true, null]\n}',
  );
  fake.put('prod/other', 'v0000000000000000000000000000001', '{"SECRET":"of another app"}');
  return {
    config: fake.config,
    place: { secretId: 'prod/app' },
    secrets: [fake.config.secretAccessKey],
    refuse: async () => {
      fake.trouble = denied;
    },
    breakDown: async () => {
      fake.trouble = outOfOrder;
    },
    neighbours: async (key) => {
      const { [key]: _key, ...others } = JSON.parse(fake.textOf('prod/app') ?? '{}');
      return JSON.stringify([others, fake.textOf('prod/other')]);
    },
    close: fake.close,
  };
}
