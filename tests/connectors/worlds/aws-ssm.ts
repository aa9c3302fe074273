import { type AwsAnswer, type AwsAsked, awsError, denied, type FakeAws, fakeAws, outOfOrder } from './aws.ts';
import type { TargetWorld } from './world.ts';

export interface FakeParameter {
  type: string;
  value: string;
  version: number;
  keyId?: string;
  /** A label hangs on the oldest version. */
  labelled?: boolean;
  /** It was made this moment, so that DescribeParameters does not list it yet. */
  unlisted?: boolean;
}

export interface FakeSsm extends FakeAws {
  readonly parameters: Map<string, FakeParameter>;
}

/** Systems Manager 2014-11-06, as far as parameters go. */
export async function fakeSsm(): Promise<FakeSsm> {
  const parameters = new Map<string, FakeParameter>();
  const aws = await fakeAws(serve);

  function serve({ service, action, body }: AwsAsked): AwsAnswer {
    const names = Array.isArray(body.Names) ? body.Names.map(String) : [];
    if (names.length > 10)
      return awsError(service, 400, 'ValidationException', 'Member must have length less than 11');
    const missing = names.filter((name) => !parameters.has(name));
    if (action === 'GetParameters') {
      const found = names.filter((name) => parameters.has(name)).map(read);
      return { status: 200, body: { Parameters: found, InvalidParameters: missing } };
    }
    if (action === 'DeleteParameters') {
      const gone = names.filter((name) => parameters.delete(name));
      return { status: 200, body: { DeletedParameters: gone, InvalidParameters: missing } };
    }
    if (action === 'GetParametersByPath') {
      const own = [...parameters.keys()].filter((name) => name.startsWith(`${body.Path}/`));
      return { status: 200, body: { Parameters: own.slice(0, Number(body.MaxResults)).map(read) } };
    }
    if (action === 'DescribeParameters') return described(service, body);
    return action === 'PutParameter'
      ? put(service, body)
      : awsError(service, 400, 'UnknownOperationException');
  }

  /**
   * A page holds between none and MaxResults, and there is another one as long as there is a NextToken:
   * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html. Here the first one is
   * empty, and the others hold one.
   */
  function described(service: string, body: AwsAsked['body']): AwsAnswer {
    const [filter] = Array.isArray(body.ParameterFilters) ? body.ParameterFilters : [];
    const values: string[] = filter?.Values ?? [];
    if (values.length < 1 || values.length > 50 || Number(body.MaxResults) > 50)
      return awsError(service, 400, 'ValidationException', 'Member must have length less than 51');
    if (filter.Key !== 'Name' || filter.Option !== 'Equals')
      return awsError(service, 400, 'InvalidFilterOption');
    const found = [...parameters].filter(([name, { unlisted }]) => values.includes(name) && !unlisted);
    const page = Number(body.NextToken ?? 0);
    const shown = found.slice(Math.max(0, page - 1), page).map(([name, { type, version, keyId }]) => ({
      Name: name,
      Type: type,
      Version: version,
      Tier: 'Standard',
      ...(type === 'SecureString' && { KeyId: keyId ?? 'alias/aws/ssm' }),
    }));
    const more = page < found.length && { NextToken: String(page + 1) };
    return { status: 200, body: { Parameters: shown, ...more } };
  }

  function put(service: string, body: AwsAsked['body']): AwsAnswer {
    const name = String(body.Name);
    const there = parameters.get(name);
    if (there !== undefined && body.Overwrite !== true)
      return awsError(service, 400, 'ParameterAlreadyExists');
    if (
      body.AllowedPattern !== undefined &&
      !new RegExp(String(body.AllowedPattern)).test(String(body.Value))
    )
      return awsError(service, 400, 'ParameterPatternMismatchException');
    if (there !== undefined && there.type !== body.Type)
      return awsError(service, 400, 'HierarchyTypeMismatchException');
    if (there?.labelled && there.version >= 100)
      return awsError(service, 400, 'ParameterMaxVersionLimitExceeded');
    if (body.KeyId === 'alias/gone') return awsError(service, 400, 'InvalidKeyId');
    // Also where a version with another key is there:
    // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html#systemsmanager-PutParameter-request-KeyId
    parameters.set(name, {
      type: String(body.Type),
      value: String(body.Value),
      version: (there?.version ?? 0) + 1,
      keyId: String(body.KeyId ?? 'alias/aws/ssm'),
    });
    return { status: 200, body: { Tier: 'Standard', Version: (there?.version ?? 0) + 1 } };
  }

  function read(name: string) {
    const { type = '', value = '', version = 0 } = parameters.get(name) ?? {};
    return { Name: name, Type: type, Value: value, Version: version, DataType: 'text' };
  }
  return Object.assign(aws, { parameters });
}

export async function awsSsmWorld(): Promise<TargetWorld> {
  const fake = await fakeSsm();
  fake.parameters.set('/prod/app/OTHER', { type: 'SecureString', value: '1', version: 1 });
  fake.parameters.set('/prod/app/deeper/SECRET', { type: 'String', value: '2', version: 4 });
  fake.parameters.set('/prod/app2/SECRET', { type: 'String', value: '3', version: 2 });
  return {
    config: fake.config,
    place: { path: '/prod/app' },
    secrets: [fake.config.secretAccessKey],
    refuse: async () => {
      fake.trouble = denied;
    },
    breakDown: async () => {
      fake.trouble = outOfOrder;
    },
    neighbours: async (key) =>
      JSON.stringify([...fake.parameters].filter(([name]) => name !== `/prod/app/${key}`).sort()),
    close: fake.close,
  };
}
