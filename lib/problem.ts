/** A refusal that whoever asked can act on; doors turn it into an answer (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: 400 | 401 | 403 | 404 | 409 | 412 | 422 | 429 | 503;
  /** Stable, for programs: `rotation_open`, `not_found`. */
  readonly code: string;
  /** What a program may read beside the sentence. */
  readonly extra: Readonly<Record<string, string>>;
  /** Which inputs are at fault and why, by path such as `config.baseUrl`: for forms. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(
    status: Problem['status'],
    code: string,
    message: string,
    extra: Record<string, string> = {},
    fields: Record<string, string> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.extra = extra;
    this.fields = fields;
  }
}

export function notFound(what: string): Problem {
  return new Problem(404, 'not_found', `There is no such ${what}, or you may not see it.`);
}
