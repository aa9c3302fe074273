import { z } from 'zod';
import { type AwsConfig, type AwsKeys, SERVICES, type Service, signed } from '#connectors/aws-sign-in.ts';
import { type Call, ConnectorError } from '#connectors/contract.ts';
import { accept, bodyKind, parseJson, retryAfter, send } from '#connectors/exchange.ts';
import { readXml } from '#connectors/xml.ts';
import type { HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

export type AwsCall = Pick<Call<AwsConfig, unknown>, 'config' | 'http' | 'remember'>;

/** One question to an AWS API. */
export interface AwsQuestion<S extends z.ZodType> {
  readonly service: Service;
  /** The API action. With the service in front it is also the name of the permission. */
  readonly action: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly schema: S;
  /** Begins every error sentence: "Listing the access keys of app". */
  readonly what: string;
  /** It makes or sets a secret, so that a lost answer leaves it open what AWS holds. */
  readonly once?: true;
  /** Signs in with these instead of the stored keys. */
  readonly keys?: AwsKeys;
}

/** A refusal by AWS with its error code, so that a connector can tell "gone" from all else. */
export class AwsRefusal extends ConnectorError {
  readonly code: string;

  constructor(code: string, ...rest: ConstructorParameters<typeof ConnectorError>) {
    super(...rest);
    this.code = code;
  }
}

/** An answer that is not read. */
export const anything = z.unknown();

/**
 * Asks an AWS API and reads its answer: JSON 1.1 or, at IAM and STS, the query API with XML, which is read as an object.
 * Throws `AwsRefusal` where AWS names an error code and did nothing, judged by the code and not by the status:
 * a missing permission or a dead sign-in → never, permission · a limit or an existing thing → never, conflict ·
 * throttling → later · a clock that is wrong → later · others → never. All else as `exchange` has it.
 * Of AWS's own text nothing is quoted but an action it names, since it repeats values.
 */
export async function askAws<S extends z.ZodType>(
  call: AwsCall,
  question: AwsQuestion<S>,
): Promise<z.output<S>> {
  const { service, action, schema, what, once } = question;
  const keys = question.keys ?? (await storedKeys(call, service));
  const request = await signed(keys, call.config, service, written(question));
  const expectation = { ok: [200], what, repeatable: !once, answerer: `${service}:${action}`, schema };
  const response = await send(call, request, expectation);
  const read = 'query' in SERVICES[service] ? readXml(response.text) : parseJson(response.text);
  const said = response.status >= 300 && response.status < 500 ? errorIn(read, response) : undefined;
  if (said !== undefined) throw refusal(question, said, response);
  if (response.status === 200 && read === undefined && 'query' in SERVICES[service]) {
    const sentence = `The answer of ${service}:${action} is ${bodyKind(response)} instead of XML: check the endpoint.`;
    throw new ConnectorError(
      once ? `${sentence} ${what} may have taken effect.` : sentence,
      once ? 'unknown' : 'never',
    );
  }
  // Query APIs are read as if they had answered JSON; JSON APIs answer some actions with nothing at all.
  const text = 'query' in SERVICES[service] ? JSON.stringify(read ?? {}) : response.text || '{}';
  return accept(request, { ...response, text }, expectation);
}

function written({ service, action, body }: AwsQuestion<z.ZodType>) {
  const api = SERVICES[service];
  if ('target' in api) {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${api.target}.${action}`,
    };
    return { headers, body: JSON.stringify(body) };
  }
  const form = new URLSearchParams({ Action: action, Version: api.query });
  for (const [name, value] of Object.entries(body)) form.set(name, String(value));
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  return { headers, body: form.toString() };
}

const sessionAnswer = z.object({
  AssumeRoleResponse: z.object({
    AssumeRoleResult: z.object({
      Credentials: z.object({
        AccessKeyId: z.string().min(1),
        SecretAccessKey: z.string().min(1),
        SessionToken: z.string().min(1),
        Expiration: z.iso.datetime({ offset: true }),
      }),
    }),
  }),
});
const session = z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string() });

/**
 * The stored keys, or those of the role that is to be assumed, kept for as long as they live.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
async function storedKeys(call: AwsCall, service: Service): Promise<AwsKeys> {
  const { accessKeyId, secretAccessKey, sessionToken, roleArn } = call.config;
  const stored = { accessKeyId, secretAccessKey, sessionToken };
  if (roleArn === undefined || service === 'sts') return stored;
  const kept = await call.remember(`session of ${roleArn}`, async () => {
    const answer = await askAws(call, {
      service: 'sts',
      action: 'AssumeRole',
      body: { RoleArn: roleArn, RoleSessionName: 'rekey' },
      schema: sessionAnswer,
      what: `Assuming the role ${roleArn}`,
      keys: stored,
    });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } =
      answer.AssumeRoleResponse.AssumeRoleResult.Credentials;
    const text = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const seconds = Math.max(0, Math.floor((Date.parse(Expiration) - Date.now()) / 1000));
    return { value: new Plaintext(JSON.stringify(text)), seconds };
  });
  const opened = session.parse(parseJson(kept.expose()));
  return {
    accessKeyId: opened.accessKeyId,
    secretAccessKey: new Plaintext(opened.secretAccessKey),
    sessionToken: new Plaintext(opened.sessionToken),
  };
}

interface Said {
  readonly code: string;
  readonly message: string;
}

const error = z.object({ Code: z.string(), Message: z.string().default('') });
const xmlError = z.object({
  // moto nests it as EC2 does.
  ErrorResponse: z.union([
    z.object({ Error: error }),
    z.object({ Errors: z.object({ Error: error }) }).transform(({ Errors }) => Errors),
  ]),
});
const jsonError = z.object({
  __type: z.string(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

/** JSON APIs name their error in `__type`, with a namespace in front; query APIs, and what stands before any API, in XML. */
function errorIn(body: unknown, response: HttpResponse): Said | undefined {
  const xml = xmlError.safeParse(body ?? readXml(response.text));
  if (xml.success) return plain(xml.data.ErrorResponse.Error.Code, xml.data.ErrorResponse.Error.Message);
  const json = jsonError.safeParse(body);
  if (json.success) return plain(json.data.__type, json.data.message ?? json.data.Message ?? '');
  const header = response.headers['x-amzn-errortype'];
  return header === undefined ? undefined : plain(header, '');
}

function plain(type: string, message: string): Said | undefined {
  const code = type.replace(/^.*#/, '').replace(/:.*$/, '');
  return /^[A-Za-z][A-Za-z0-9.]{1,99}$/.test(code) ? { code, message } : undefined;
}

const DENIED =
  /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|NotAuthorizedException|AuthorizationError)$/;
const NOT_SIGNED_IN =
  /^(InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|ExpiredToken|ExpiredTokenException|InvalidAccessKeyId|MissingAuthenticationToken|MissingAuthenticationTokenException|IncompleteSignature|IncompleteSignatureException|AuthFailure|NotAuthorized|OptInRequired)$/;
const THROTTLED =
  /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|RequestThrottled|TooManyUpdates|EntityTemporarilyUnmodifiable|ConcurrentModification|ConcurrentModificationException)$/;
const CONFLICT =
  /^(LimitExceeded|LimitExceededException|EntityAlreadyExists|ResourceExistsException|DeleteConflict|ConflictException|ParameterMaxVersionLimitExceeded)$/;

function refusal({ service, action, what }: AwsQuestion<z.ZodType>, said: Said, response: HttpResponse) {
  const { code, message } = said;
  const failed = `${what} failed: AWS answered ${code}`;
  if (
    /^RequestTimeTooSkewed$|^RequestExpired$/.test(code) ||
    /signature (expired|not yet current)/i.test(message)
  ) {
    const sentence = `${failed}, because the clock of this machine is minutes off. Nothing was changed; set the clock right.`;
    return new AwsRefusal('ClockSkew', sentence, 'later');
  }
  if (DENIED.test(code)) {
    const missing = missingAction(message) ?? `${service}:${action}`;
    const denied = /explicit deny/i.test(message) ? ' A policy denies it explicitly.' : '';
    const sentence = `${failed}: the stored sign-in may not do ${missing}.${denied} Nothing was changed; allow it in the policy of that identity.`;
    return new AwsRefusal(code, sentence, 'never', { because: 'permission' });
  }
  if (NOT_SIGNED_IN.test(code)) {
    const sentence = `${failed}: it does not accept the stored access key${/expired/i.test(code) ? ', whose session has ended' : ''}. Nothing was changed; enter a working one.`;
    return new AwsRefusal(code, sentence, 'never', { because: 'permission' });
  }
  if (THROTTLED.test(code))
    return new AwsRefusal(
      code,
      `${failed}: it asks to go slower. Nothing was changed.`,
      'later',
      retryAfter(response),
    );
  if (CONFLICT.test(code)) {
    const sentence = `${failed}: it is in conflict with what is there now, or a limit is reached. Nothing was changed.`;
    return new AwsRefusal(code, sentence, 'never', { because: 'conflict' });
  }
  return new AwsRefusal(
    code,
    `${failed}. Nothing was changed; check the settings, trying again changes nothing.`,
    'never',
  );
}

/** "User: arn:… is not authorized to perform: iam:CreateAccessKey on resource: …", or a KMS key that may not be used. */
function missingAction(message: string): string | undefined {
  const named = /not authorized to perform:? ([a-z0-9-]{2,40}:[A-Za-z]{3,80})/i.exec(message)?.[1];
  if (named !== undefined) return named;
  return /\bKMS\b/.test(message)
    ? 'kms:Decrypt and kms:GenerateDataKey with the key of this secret'
    : undefined;
}

/** Whether AWS refused with one of these codes. */
export function isRefusal(error: unknown, ...codes: string[]): error is AwsRefusal {
  return error instanceof AwsRefusal && codes.includes(error.code);
}
