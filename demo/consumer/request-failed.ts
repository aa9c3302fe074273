/** A request of the consumer that did not succeed. `code` is a short name, never a value from a file or an answer's text. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly code: string;

  constructor(code: string) {
    super(`The consumer's request failed: ${code}.`);
    this.code = code;
  }
}
