const NEWLINE = 10;

/** The lines of a stream, without what ends them. Not node:readline, which also ends lines where JSON does not (U+2028, from Node 24 on). */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    let from = 0;
    const data = Buffer.concat([rest, chunk]);
    for (let end = data.indexOf(NEWLINE, rest.length); end >= 0; end = data.indexOf(NEWLINE, from)) {
      yield data.subarray(from, end);
      from = end + 1;
    }
    rest = data.subarray(from);
  }
  if (rest.length > 0) yield rest;
}
