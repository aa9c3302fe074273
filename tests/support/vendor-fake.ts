import { loopback } from './loopback.ts';

/** A request as a fake sees it. */
export interface Asked {
  readonly method: string;
  /** Without the query, decoded segment by segment after splitting, so that a name may hold a slash. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The JSON that was sent; empty where none was. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `cut` loses the request before it is carried out, `cut_after` loses only the answer. */
export type Trouble = 'none' | 'cut' | 'cut_after' | Answer;

export interface VendorFake {
  readonly url: string;
  /** All that was asked, in order. */
  readonly seen: Asked[];
  trouble: Trouble;
  /** Limits the trouble to matching requests. */
  troubled: (asked: Asked) => boolean;
  close(): Promise<void>;
}

/** A vendor's API on loopback. `answer` keeps the state; trouble is put in front of it by tests. */
export async function vendorFake(answer: (asked: Asked) => Answer | Promise<Answer>): Promise<VendorFake> {
  const fake: Omit<VendorFake, 'url' | 'close'> = { seen: [], trouble: 'none', troubled: () => true };
  const server = await loopback(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? '/', 'http://fake.invalid');
    const text = Buffer.concat(chunks).toString();
    const asked: Asked = {
      method: request.method ?? '',
      path: url.pathname.split('/').slice(1).map(decodeURIComponent),
      query: url.searchParams,
      headers: request.headers as Asked['headers'],
      body: text === '' ? {} : JSON.parse(text),
    };
    fake.seen.push(asked);
    const trouble = fake.troubled(asked) ? fake.trouble : 'none';
    if (trouble === 'cut') return void request.socket.destroy();
    const said = typeof trouble === 'object' ? trouble : await answer(asked);
    if (trouble === 'cut_after') return void request.socket.destroy();
    const body =
      said.body === undefined ? '' : typeof said.body === 'string' ? said.body : JSON.stringify(said.body);
    response.writeHead(said.status, { 'content-type': 'application/json', ...said.headers }).end(body);
  });
  return Object.assign(fake, { url: server.url, close: server.close });
}
