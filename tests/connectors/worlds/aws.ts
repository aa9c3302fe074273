import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { loopback } from '#tests/support/loopback.ts';

/** What a fake service answers; text is sent as it is, other bodies as JSON. */
export interface AwsAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

export interface AwsAsked {
  readonly service: string;
  readonly action: string;
  readonly body: Record<string, unknown>;
  readonly accessKeyId: string;
}

export interface FakeAws {
  readonly url: string;
  /** Secret access keys by ID. Whoever signs with another is refused. */
  readonly keys: Map<string, string>;
  /** The key Rekey signs in with, as config fields. */
  readonly config: {
    region: string;
    accessKeyId: string;
    secretAccessKey: string;
    endpoint: string;
  };
  readonly asked: AwsAsked[];
  /** Stands in front of the service for every request, or for one action. */
  trouble: ((asked: AwsAsked) => AwsAnswer | 'cut' | 'cut_after' | undefined) | undefined;
  close(): Promise<void>;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** AKIA and sixteen letters and digits, as IAM makes them, and forty characters of base64. */
export function newKey(): { accessKeyId: string; secretAccessKey: string } {
  const accessKeyId = `AKIA${randomBytes(8).toString('hex').toUpperCase()}`;
  return { accessKeyId, secretAccessKey: randomBytes(30).toString('base64') };
}

/**
 * AWS on loopback. Signatures are computed here anew, from the specification of Signature Version 4, for every request:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function fakeAws(
  serve: (asked: AwsAsked) => AwsAnswer,
  /** Answers what is no API of AWS and not signed: everything under a path of its own. */
  site?: (headers: IncomingMessage['headers'], text: string) => AwsAnswer,
): Promise<FakeAws> {
  const own = newKey();
  const keys = new Map([[own.accessKeyId, own.secretAccessKey]]);
  const asked: AwsAsked[] = [];
  const server = await loopback(async (request, response) => {
    const text = await textOf(request);
    const isSite = site !== undefined && request.url !== '/';
    const one = isSite
      ? { service: 'site', action: request.url ?? '', body: {}, accessKeyId: '' }
      : { ...readRequest(request, text), accessKeyId: signerOf(request) };
    asked.push(one);
    const isQuery = one.service === 'iam' || one.service === 'sts';
    const trouble = fake.trouble?.(one);
    if (trouble === 'cut') return void response.destroy();
    const unsigned = isSite ? site(request.headers, text) : signatureFault(request, text, keys);
    const answer = trouble !== undefined && trouble !== 'cut_after' ? trouble : (unsigned ?? serve(one));
    if (trouble === 'cut_after') return void response.destroy();
    const type = isQuery ? 'text/xml' : 'application/x-amz-json-1.1';
    const sent = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, { 'content-type': type, ...answer.headers }).end(sent);
  });
  const fake: FakeAws = {
    url: server.url,
    keys,
    config: { region: 'eu-central-1', ...own, endpoint: server.url },
    asked,
    trouble: undefined,
    close: server.close,
  };
  return fake;
}

/** The ways in which the services write an error. */
export function awsError(service: string, status: number, code: string, message = ''): AwsAnswer {
  if (service !== 'iam' && service !== 'sts') return { status, body: { __type: code, message } };
  const url =
    service === 'iam'
      ? 'https://iam.amazonaws.com/doc/2010-05-08/'
      : 'https://sts.amazonaws.com/doc/2011-06-15/';
  const written = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return {
    status,
    body: `<ErrorResponse xmlns="${url}">\n  <Error>\n    <Type>Sender</Type>\n    <Code>${code}</Code>\n    <Message>${written}</Message>\n  </Error>\n  <RequestId>c8b0c0f4-1c3d-4a5b-9f6e-000000000000</RequestId>\n</ErrorResponse>\n`,
  };
}

/** As a policy that lacks an action is told of. */
export function denied({ service, action }: AwsAsked): AwsAnswer {
  const message = `User: arn:aws:iam::123456789012:user/rekey is not authorized to perform: ${service}:${action} on resource: app because no identity-based policy allows the ${service}:${action} action`;
  const isQuery = service === 'iam' || service === 'sts';
  return awsError(service, isQuery ? 403 : 400, isQuery ? 'AccessDenied' : 'AccessDeniedException', message);
}

/** As a service that is out of order answers. */
export function outOfOrder({ service }: AwsAsked): AwsAnswer {
  return awsError(service, 500, service === 'iam' ? 'ServiceFailure' : 'InternalServiceError');
}

function readRequest(request: IncomingMessage, text: string) {
  const service =
    /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? 'unknown';
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    const body: Record<string, unknown> = JSON.parse(text);
    return { service, action: target.replace(/^.*\./, ''), body };
  }
  const { Action = '', ...body } = Object.fromEntries(new URLSearchParams(text));
  return { service, action: Action, body };
}

const signerOf = (request: IncomingMessage) =>
  /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';

function signatureFault(
  request: IncomingMessage,
  body: string,
  keys: Map<string, string>,
): AwsAnswer | undefined {
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/((\d{8})\/([^/]+)\/([^/]+)\/aws4_request), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  const [, accessKeyId = '', scope = '', day = '', region = '', service = '', names = '', signature] =
    parts ?? [];
  const isQuery = service === 'iam' || service === 'sts';
  const secret = keys.get(accessKeyId);
  if (secret === undefined) {
    const code = isQuery ? 'InvalidClientTokenId' : 'UnrecognizedClientException';
    return awsError(
      service,
      isQuery ? 403 : 400,
      code,
      'The security token included in the request is invalid.',
    );
  }
  const headers = names
    .split(';')
    .map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
    .join('');
  const canonical = [request.method, request.url, '', headers, names, sha256(body)].join('\n');
  const date = String(request.headers['x-amz-date']);
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<Buffer | string>(
    (before, part) => hmac(before, part),
    `AWS4${secret}`,
  );
  if (hmac(key, toSign).toString('hex') === signature && names.includes('host')) return undefined;
  const code = isQuery ? 'SignatureDoesNotMatch' : 'InvalidSignatureException';
  return awsError(
    service,
    isQuery ? 403 : 400,
    code,
    'The request signature we calculated does not match the signature you provided.',
  );
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
