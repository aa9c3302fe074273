import type { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { ConnectorError } from '#connectors/contract.ts';
import { accept, type Expectation, retryAfter, send } from '#connectors/exchange.ts';
import type { Http, HttpRequest, HttpResponse } from '#lib/http.ts';

/** A vendor's JSON API as one configured system reaches it. */
export interface JsonApi {
  readonly baseUrl: string;
  /** The sign-in, and what else the vendor wants in every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the stored token must be allowed to do, in the vendor's own words; ends a sentence. */
  readonly permission: string;
  /** Reads answers that mean something of their own at this vendor, whatever their status. Asked first. */
  readonly ownError?: (response: HttpResponse, what: string) => ConnectorError | undefined;
}

/** One request. Everything asked through here may be repeated: reads, and writes of the same state. */
export interface Question {
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly body?: unknown;
  /** What the body is, where the vendor wants another word than application/json. */
  readonly contentType?: string;
  /** Begins every error sentence. */
  readonly what: string;
  readonly ok: readonly number[];
  /** What a 404 means here, as a sentence that says what to do. */
  readonly missing?: string;
}

type HttpCall = { readonly http: Http };

/** Asks and reads the answer as the schema says. Throws `ConnectorError` as `exchange` does; 401 and 403 name the permission. */
export async function askJson<S extends z.ZodType>(
  call: HttpCall,
  api: JsonApi,
  question: Question & { readonly schema: S },
): Promise<z.output<S>> {
  const { request, response, expectation } = await asked(call, api, question);
  return accept(request, response, { ...expectation, schema: question.schema });
}

/** As `askJson`, and undefined where the answer is 404: the thing asked for is not there. */
export async function findJson<S extends z.ZodType>(
  call: HttpCall,
  api: JsonApi,
  question: Question & { readonly schema: S },
): Promise<z.output<S> | undefined> {
  const { request, response, expectation } = await asked(call, api, {
    ...question,
    ok: [...question.ok, 404],
  });
  if (response.status === 404) return undefined;
  return accept(request, response, { ...expectation, ok: question.ok, schema: question.schema });
}

/** Asks where only the status counts, and returns it. */
export async function askStatus(call: HttpCall, api: JsonApi, question: Question): Promise<number> {
  const { request, response, expectation } = await asked(call, api, question);
  accept(request, response, expectation);
  return response.status;
}

async function asked(
  call: HttpCall,
  api: JsonApi,
  question: Question,
): Promise<{ request: HttpRequest; response: HttpResponse; expectation: Expectation }> {
  const { method, path, body, contentType = 'application/json', what, ok, missing } = question;
  const request: HttpRequest = {
    method,
    url: addressOf(api.baseUrl, path),
    headers: {
      accept: 'application/json',
      ...api.headers,
      ...(body !== undefined && { 'content-type': contentType }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  const expectation = { ok, what, repeatable: true };
  const response = await send(call, request, expectation);
  const own = api.ownError?.(response, what);
  if (own !== undefined) throw own;
  if (!ok.includes(response.status)) {
    const error = refused(request, response, api, what);
    if (error !== undefined) throw error;
    if (response.status === 404 && missing !== undefined)
      throw new ConnectorError(`${what} failed: ${missing}`, 'never');
  }
  return { request, response, expectation };
}

function refused(
  request: HttpRequest,
  response: HttpResponse,
  api: JsonApi,
  what: string,
): ConnectorError | undefined {
  const { status } = response;
  const { host } = new URL(request.url);
  if (status === 429) {
    const sentence = `${what} failed: ${host} limits requests now (429). Nothing was changed; it will be asked again.`;
    return new ConnectorError(sentence, 'later', limitEnd(response));
  }
  if (status !== 401 && status !== 403) return undefined;
  const reason =
    status === 401
      ? `does not accept the stored token (401): it is wrong, expired or revoked. Enter one with ${api.permission}`
      : `does not let the stored token do this (403). It needs ${api.permission}`;
  const sentence = `${what} failed: ${host} ${reason}.`;
  return new ConnectorError(sentence, 'never', { because: 'permission' });
}

/** When a limit ends: by Retry-After, or by the reset header, which some give in seconds and some as a Unix time. */
export function limitEnd(response: HttpResponse, now = Date.now()): { retryAfterSeconds?: number } {
  const said = retryAfter(response, now);
  if (said.retryAfterSeconds !== undefined) return said;
  const reset = response.headers['x-ratelimit-reset'] ?? response.headers['ratelimit-reset'] ?? '';
  if (!/^\d{1,10}$/.test(reset)) return {};
  const seconds = Number(reset) > 1_000_000_000 ? Number(reset) - Math.floor(now / 1000) : Number(reset);
  return { retryAfterSeconds: Math.min(Math.max(seconds, 1), 86_400) };
}

/** One segment of a path, as it may be written in an address. A name that would lead to another path is refused. */
export function segment(text: string): string {
  if (text !== '.' && text !== '..') return encodeURIComponent(text);
  throw new ConnectorError(`"${text}" cannot be a name here. Nothing was changed; check the names.`, 'never');
}
