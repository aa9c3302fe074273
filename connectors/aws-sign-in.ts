import { AwsV4Signer } from 'aws4fetch';
import { z } from 'zod';
import { secretText } from '#connectors/contract.ts';
import type { HttpRequest } from '#lib/http.ts';
import type { Plaintext } from '#lib/plaintext.ts';

/** Config fields of every connector to AWS. The address of a service follows from the region. */
export const awsFields = {
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+){1,2}-\d{1,2}$/, 'must be a region such as eu-central-1')
    .meta({ title: 'Region', description: 'For example eu-central-1.' }),
  accessKeyId: z
    .string()
    .regex(/^\w{16,128}$/, 'must be an access key ID such as AKIA…')
    .meta({ title: 'Access key ID', description: 'Of the identity that Rekey acts as.' }),
  secretAccessKey: secretText().meta({ title: 'Secret access key' }),
  sessionToken: secretText().optional().meta({
    title: 'Session token',
    description: 'Only with temporary keys, which begin with ASIA.',
    rare: true,
  }),
  roleArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,600}$/, 'must be the ARN of a role')
    .optional()
    .meta({ title: 'Role to assume', description: 'The ARN. Empty: the access key is used as it is.' }),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: 'Endpoint',
      description:
        'Only for a proxy, a VPC endpoint or another partition. Empty: the public one of the region.',
      rare: true,
    }),
};

const awsConfig = z.object(awsFields);
export type AwsConfig = z.output<typeof awsConfig>;

/** What a request is signed with. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Plaintext;
  readonly sessionToken?: Plaintext | undefined;
}

/** The services that connectors ask: the version of a query API, or the prefix of a JSON API's targets. */
export const SERVICES = {
  iam: { query: '2010-05-08' },
  sts: { query: '2011-06-15' },
  'cognito-idp': { target: 'AWSCognitoIdentityProviderService' },
  secretsmanager: { target: 'secretsmanager' },
  ssm: { target: 'AmazonSSM' },
} as const;

export type Service = keyof typeof SERVICES;

/**
 * Where a service is, and the region that its requests are signed for. IAM has one endpoint per partition.
 * https://docs.aws.amazon.com/general/latest/gr/iam-service.html
 */
export function endpointOf(
  { region, endpoint }: Pick<AwsConfig, 'region' | 'endpoint'>,
  service: Service,
): { url: string; region: string } {
  if (service !== 'iam') {
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    return { url: endpoint ?? `https://${service}.${region}.${suffix}/`, region };
  }
  if (region.startsWith('cn-'))
    return { url: endpoint ?? 'https://iam.cn-north-1.amazonaws.com.cn/', region: 'cn-north-1' };
  if (region.startsWith('us-gov-'))
    return { url: endpoint ?? 'https://iam.us-gov.amazonaws.com/', region: 'us-gov-west-1' };
  return { url: endpoint ?? 'https://iam.amazonaws.com/', region: 'us-east-1' };
}

/**
 * A POST request with its Signature Version 4 in the headers.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export async function signed(
  keys: AwsKeys,
  config: Pick<AwsConfig, 'region' | 'endpoint'>,
  service: Service,
  { headers, body }: { headers: Record<string, string>; body: string },
): Promise<HttpRequest> {
  const { url, region } = endpointOf(config, service);
  const signer = new AwsV4Signer({
    method: 'POST',
    url,
    headers,
    body,
    service,
    region,
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey.expose(),
    ...(keys.sessionToken && { sessionToken: keys.sessionToken.expose() }),
  });
  const made = await signer.sign();
  return { method: 'POST', url: made.url.href, headers: Object.fromEntries(made.headers), body };
}
