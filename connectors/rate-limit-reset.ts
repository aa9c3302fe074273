import type { HttpResponse } from '#lib/http.ts';

/**
 * For vendors that say when a limit ends in a header of their own, in seconds since 1970: the same answer with that
 * moment as Retry-After, which `accept` reads. Answers other than 429, and ones with a Retry-After, stay as they are.
 */
export function withRetryAfter(response: HttpResponse, header: string, now = Date.now()): HttpResponse {
  const { status, headers } = response;
  const reset = headers[header]?.trim() ?? '';
  if (status !== 429 || headers['retry-after'] !== undefined || !/^\d{1,12}$/.test(reset)) return response;
  const seconds = Math.max(Math.ceil(Number(reset) - now / 1000), 1);
  return { ...response, headers: { ...headers, 'retry-after': String(seconds) } };
}
