import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { bearerChallenge } from '#app/_doors/api-actor.ts';
import { unwrapped } from '#lib/db.ts';
import { log } from '#lib/log.ts';
import { Problem } from '#lib/problem.ts';

/** What every refusal looks like (RFC 9457), with `code` for programs and a sentence for each field at fault. */
export const problemSchema = z
  .looseObject({
    type: z.string().meta({ description: '`urn:rekey:problem:` and the code.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened, what state things are in, and what to do next.' }),
    instance: z.string().meta({ description: 'Names this request, as `X-Request-Id` does.' }),
    code: z.string().meta({ description: 'Stable, for programs.', examples: ['rotation_open'] }),
    fields: z.record(z.string(), z.string()).meta({ description: 'A sentence for each input at fault.' }),
  })
  .meta({ id: 'Problem' });

/** A refusal that only HTTP knows of, where core has no word for it. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

interface Told {
  status: number;
  code: string;
  detail: string;
  fields: Readonly<Record<string, string>>;
  /** What a program may read beside the sentence. */
  extra: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
}

/** What is asked for again at once meets the same crowd. */
const RETRY_AFTER_SECONDS = 5;

function headersOf({ status, code, extra }: Problem): Readonly<Record<string, string>> {
  if (status === 401 || code === 'insufficient_scope') {
    return { 'www-authenticate': bearerChallenge({ code }) };
  }
  if (status === 429 && extra.retryAfter !== undefined) {
    return { 'retry-after': extra.retryAfter };
  }
  return status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {};
}

/** Fields that core counts in seconds and knows under names of its own. */
const apiNames: Readonly<Record<string, string>> = {
  graceSeconds: 'gracePeriod',
  graceAfterUseSeconds: 'graceAfterUse',
  intervalSeconds: 'interval',
  jitterSeconds: 'jitter',
  minSpacingSeconds: 'minSpacing',
  maxAgeSeconds: 'maxAge',
  renewBeforeSeconds: 'renewBefore',
  retrySeconds: 'retryFor',
};

/** A field as the request had it, where core's own check found the fault. */
const asAsked = (field: string) =>
  field
    .replace(/^rules\./, '')
    .split('.')
    .map((name) => apiNames[name] ?? name)
    .join('.');

/** A refusal of core's with the names of the API. */
function inNamesOfTheApi({ message, fields }: Problem): Pick<Told, 'detail' | 'fields'> {
  const entries = Object.entries(fields);
  return {
    detail: entries.reduce((text, [field]) => text.replace(`${field}: `, `${asAsked(field)}: `), message),
    fields: Object.fromEntries(entries.map(([field, sentence]) => [asAsked(field), sentence])),
  };
}

function tell(raised: unknown, requestId: string): Told {
  const error = unwrapped(raised);
  if (error instanceof Problem) {
    const { status, code, extra } = error;
    return { status, code, ...inNamesOfTheApi(error), extra, headers: headersOf(error) };
  }
  if (error instanceof HttpProblem) {
    const { status, code, message: detail, headers } = error;
    return { status, code, detail, fields: {}, extra: {}, headers };
  }
  log.error({ err: error, requestId }, 'a request of the API failed');
  const detail = 'Something failed on our side; the log has the details under the id of this request.';
  return { status: 500, code: 'internal', detail, fields: {}, extra: {}, headers: {} };
}

/** An error as its answer. What nobody foresaw is logged, and told without detail. */
export function problemAnswer(error: unknown, requestId: string): Response {
  const { status, code, detail, fields, extra, headers } = tell(error, requestId);
  const body = {
    ...extra,
    type: `urn:rekey:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Refused',
    status,
    detail,
    instance: `urn:uuid:${requestId}`,
    code,
    fields,
  } satisfies z.output<typeof problemSchema>;
  const type = { 'content-type': 'application/problem+json' };
  return new Response(JSON.stringify(body), { status, headers: { ...type, ...headers } });
}
