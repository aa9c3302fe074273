import type { z } from 'zod';
import { ConnectorError } from '#connectors/contract.ts';
import { type Http, HttpError, type HttpRequest, type HttpResponse } from '#lib/http.ts';
import { secondsFrom } from '#lib/retry-after.ts';

/** What one exchange is for, and what counts as success. */
export interface Expectation {
  /** The statuses that mean success. A caller that reads 404 as "already gone" lists it here. */
  readonly ok: readonly number[];
  /** Begins every error sentence: "Issuing a secret", "Listing the secrets of fleet-api". */
  readonly what: string;
  /**
   * `true`: a lost answer changes nothing that matters although the method is POST or PATCH; it is then `later`.
   * `false`: it leaves it open what the other side holds although the method is PUT or DELETE; it is then `unknown`.
   */
  readonly repeatable?: boolean;
  /** Stands for the path in error sentences where the path itself may be a secret. */
  readonly answerer?: string;
}

type HttpCall = { readonly http: Http };

/**
 * Sends a request and reads the JSON answer as the schema says; without a schema the answer is not read.
 * Throws `ConnectorError` for everything else:
 * 401, 403 → never, permission · 409 → never, conflict · other 4xx and redirects → never · 429 → later ·
 * 5xx, a lost or late answer → later, or unknown where the request may have changed something ·
 * not sent → later · refused by the guard → never · an answer of another form → never, naming the field;
 * unknown where a changing request was answered with some success.
 * Of the other side's text only a short error code is quoted.
 */
export async function exchange<S extends z.ZodType>(
  call: HttpCall,
  request: HttpRequest,
  expectation: Expectation & { readonly schema: S },
): Promise<z.output<S>>;
export async function exchange(
  call: HttpCall,
  request: HttpRequest,
  expectation: Expectation,
): Promise<undefined>;
export async function exchange(
  call: HttpCall,
  request: HttpRequest,
  expectation: Expectation & { readonly schema?: z.ZodType },
): Promise<unknown> {
  const response = await send(call, request, expectation);
  return accept(request, response, expectation);
}

/** The first half of `exchange`, for a caller that reads some statuses itself. Throws when there is no answer. */
export async function send(
  call: HttpCall,
  request: HttpRequest,
  expectation: Expectation,
): Promise<HttpResponse> {
  try {
    return await call.http.request(request);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const message = `${expectation.what} failed. ${error.message}`;
    if (error.kind === 'refused') throw new ConnectorError(message, 'never', { cause: error });
    if (error.kind === 'not_sent') throw new ConnectorError(message, 'later', { cause: error });
    throw new ConnectorError(message, whenLost(request, expectation), { cause: error });
  }
}

/** The second half of `exchange`: judges the status, then the form of the body. */
export function accept<S extends z.ZodType>(
  request: HttpRequest,
  response: HttpResponse,
  expectation: Expectation & { readonly schema: S },
): z.output<S>;
export function accept(
  request: HttpRequest,
  response: HttpResponse,
  expectation: Expectation & { readonly schema?: z.ZodType },
): unknown;
export function accept(
  request: HttpRequest,
  response: HttpResponse,
  expectation: Expectation & { readonly schema?: z.ZodType },
): unknown {
  if (!expectation.ok.includes(response.status)) throw refusal(request, response, expectation);
  if (expectation.schema === undefined) return undefined;
  const subject = () => `The answer of ${expectation.answerer ?? new URL(request.url).pathname}`;
  const body = parseJson(response.text);
  if (body === undefined) {
    throw misshapen(
      request,
      expectation,
      `${subject()} is ${bodyKind(response)} instead of JSON: check the address.`,
    );
  }
  const result = expectation.schema.safeParse(body);
  if (result.success) return result.data;
  throw misshapen(request, expectation, `${subject()} ${firstFault(result.error, body)}.`);
}

/** The JSON value of a text, or undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The machine-readable `error` of a JSON answer where it is short and plain enough to be quoted. */
export function errorCodeOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  return typeof body.error === 'string' && /^[a-z0-9_.-]{1,64}$/.test(body.error) ? body.error : undefined;
}

/** What a Retry-After header asks for, as an error carries it. */
export function retryAfter(response: HttpResponse, now = Date.now()): { retryAfterSeconds?: number } {
  const retryAfterSeconds = secondsFrom(response.headers['retry-after'], now);
  return retryAfterSeconds === null ? {} : { retryAfterSeconds };
}

/** Names what a body is, without repeating any of it. */
export function bodyKind(response: HttpResponse): string {
  if (response.text.trim() === '') return 'empty';
  if (parseJson(response.text) !== undefined) return 'JSON';
  const type = response.headers['content-type'] ?? '';
  return /html/i.test(type) || /^\s*<(!doctype|html)/i.test(response.text) ? 'HTML' : 'other text';
}

function refusal(request: HttpRequest, response: HttpResponse, expectation: Expectation): ConnectorError {
  const { status } = response;
  const code = errorCodeOf(parseJson(response.text));
  const answered = `${expectation.what} failed: ${new URL(request.url).host} answered ${status}${code ? ` (${code})` : ''}`;
  if (status >= 200 && status < 300) {
    const retry = whenLost(request, expectation);
    const state = retry === 'unknown' ? 'It may or may not have taken effect.' : 'It can be tried again.';
    return new ConnectorError(
      `${answered} (${bodyKind(response)}), which is not documented for this. ${state}`,
      retry,
    );
  }
  if (status === 401 || status === 403) {
    const message = `${answered}. Check that the stored sign-in is right and has the permission for this.`;
    return new ConnectorError(message, 'never', { because: 'permission' });
  }
  if (status === 409) {
    return new ConnectorError(`${answered}. It is in conflict with what is there now.`, 'never', {
      because: 'conflict',
    });
  }
  if (status === 429) {
    return new ConnectorError(
      `${answered}: too many requests. Nothing was changed.`,
      'later',
      retryAfter(response),
    );
  }
  if (status >= 500) {
    const retry = whenLost(request, expectation);
    const state = retry === 'unknown' ? 'It may or may not have taken effect.' : 'It can be tried again.';
    return new ConnectorError(`${answered}. ${state}`, retry, retryAfter(response));
  }
  if (status === 404)
    return new ConnectorError(`${answered}: there is nothing at this address. Check the names.`, 'never');
  if (status >= 300 && status < 400) {
    return new ConnectorError(
      `${answered}, a redirect, which is not followed. Enter the final address.`,
      'never',
    );
  }
  return new ConnectorError(`${answered}. Check the settings; trying again changes nothing.`, 'never');
}

function misshapen(request: HttpRequest, expectation: Expectation, sentence: string): ConnectorError {
  if (whenLost(request, expectation) === 'later') return new ConnectorError(sentence, 'never');
  return new ConnectorError(`${sentence} ${expectation.what} may have taken effect.`, 'unknown');
}

/** GET, PUT and DELETE may be repeated (RFC 9110, 9.2.2), POST and PATCH may not; where the caller says otherwise, that holds. */
function whenLost({ method }: HttpRequest, { repeatable }: Expectation): 'later' | 'unknown' {
  return (repeatable ?? (method !== 'POST' && method !== 'PATCH')) ? 'later' : 'unknown';
}

function firstFault(error: z.ZodError, body: unknown): string {
  const path = error.issues[0]?.path ?? [];
  if (path.length === 0) return 'is JSON of another form than documented';
  let value: unknown = body;
  for (const key of path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  const field = path.map(String).join('.');
  return value === undefined
    ? `has no field \`${field}\``
    : `has a field \`${field}\` of another form than documented`;
}
