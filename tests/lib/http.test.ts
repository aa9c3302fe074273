import type { RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { createGuard, type GuardOptions } from '#lib/guard.ts';
import { createHttp, type HttpClient, HttpError, type HttpOptions } from '#lib/http.ts';
import { certificate, privateKey } from '../fakes/loopback-tls.ts';
import { type Loopback, loopback } from '../support/loopback.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function serve(listener: RequestListener, tls?: ServerOptions): Promise<Loopback> {
  const server = await loopback(listener, tls);
  open.push(server);
  return server;
}

function client(options: Partial<HttpOptions> = {}, guard: Partial<GuardOptions> = {}): HttpClient {
  const http = createHttp({ guard: createGuard({ allowHosts: ['127.0.0.1'], ...guard }), ...options });
  open.push(http);
  return http;
}

async function failure(promise: Promise<unknown>): Promise<HttpError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof HttpError) return error;
  throw new Error('expected an HttpError', { cause: error });
}

/** Opens nothing: it notes where it was asked to go, and fails. */
function fakeConnector() {
  const asked: string[] = [];
  const connector: buildConnector.connector = (options, callback) => {
    asked.push(options.hostname);
    callback(new Error('the fake opens nothing'), null);
  };
  return { asked, connector };
}

test('a request carries its method, headers, query and body, and the answer comes back whole', async () => {
  const server = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      response.writeHead(201, { 'X-Mixed-Case': 'yes', 'set-cookie': ['a=1', 'b=2'] });
      response.end(
        JSON.stringify({ method: request.method, url: request.url, tag: request.headers['x-tag'], body }),
      );
    });
  });
  const response = await client().request({
    method: 'PUT',
    url: `${server.url}/a/b?c=d`,
    headers: { 'x-tag': '7' },
    body: 'schön',
  });
  expect(response.status).toBe(201);
  expect(response.headers['x-mixed-case']).toBe('yes');
  expect(response.headers['set-cookie']).toBe('a=1, b=2');
  expect(JSON.parse(response.text)).toEqual({ method: 'PUT', url: '/a/b?c=d', tag: '7', body: 'schön' });
});

test('a redirect is handed back and not followed', async () => {
  let followed = false;
  const server = await serve((request, response) => {
    if (request.url === '/there') followed = true;
    response.writeHead(302, { location: '/there' }).end();
  });
  const response = await client().request({ method: 'GET', url: `${server.url}/here` });
  expect(response.status).toBe(302);
  expect(followed).toBe(false);
});

test('requests one after the other share sockets that are kept open', async () => {
  const server = await serve((_request, response) => response.end('ok'));
  const http = client();
  for (let count = 0; count < 20; count += 1) await http.request({ method: 'GET', url: `${server.url}/` });
  expect(server.sockets()).toBeLessThanOrEqual(2);
});

test('an address the guard refuses is never handed to the connector, written as an address or behind a name', async () => {
  const { asked, connector } = fakeConnector();
  const resolver = async () => ['169.254.169.254', '10.0.0.5', '::ffff:169.254.169.254'];
  const http = client({ connector }, { allowHosts: [], resolver });
  const urls = [
    'http://evil.example/',
    'http://0x7f000001/',
    'http://[::ffff:a9fe:a9fe]/',
    'https://10.0.0.5/',
  ];
  for (const url of urls) {
    expect((await failure(http.request({ method: 'GET', url }))).kind).toBe('refused');
  }
  expect(asked).toEqual([]);
});

test('the connector is given the checked address, so a second lookup cannot change it', async () => {
  const { asked, connector } = fakeConnector();
  const answers = [['93.184.216.34'], ['127.0.0.1']];
  const http = client({ connector }, { allowHosts: [], resolver: async () => answers.shift() ?? [] });
  await failure(http.request({ method: 'GET', url: 'http://rebinding.example/' }));
  const second = await failure(http.request({ method: 'GET', url: 'http://rebinding.example/' }));
  expect(asked).toEqual(['93.184.216.34']);
  expect(second.kind).toBe('refused');
});

test('a written address is checked at connect too, so no single check carries the rule alone', async () => {
  const { asked, connector } = fakeConnector();
  const strict = createGuard({ allowHosts: [] });
  const blindToText = { ...strict, parseUrl: (url: string) => new URL(url) };
  const http = client({ guard: blindToText, connector });
  const error = await failure(http.request({ method: 'GET', url: 'http://[::ffff:a9fe:a9fe]/' }));
  expect(error.kind).toBe('refused');
  expect(asked).toEqual([]);
});

test('the guard is asked about the port that is really used', async () => {
  const server = await serve((_request, response) => response.end('ok'));
  const listed = client(
    {},
    { allowHosts: [`localhost:${server.port}`], resolver: async () => ['127.0.0.1'] },
  );
  expect((await listed.request({ method: 'GET', url: `http://localhost:${server.port}/` })).text).toBe('ok');
  const other = client(
    {},
    { allowHosts: [`localhost:${server.port + 1}`], resolver: async () => ['127.0.0.1'] },
  );
  const error = await failure(other.request({ method: 'GET', url: `http://localhost:${server.port}/` }));
  expect(error.kind).toBe('refused');
  expect(error.message).toBe(
    'The address 127.0.0.1 of localhost is a loopback address; an admin can allow it in REKEY_ALLOW_HOSTS.',
  );
});

test('when the first address of a name does not answer the next one is used', async () => {
  const server = await serve((_request, response) => response.end('ok'));
  const http = client({}, { allowHosts: ['two.test'], resolver: async () => ['127.0.0.2', '127.0.0.1'] });
  expect((await http.request({ method: 'GET', url: `http://two.test:${server.port}/` })).text).toBe('ok');
});

test('a name without an address is not_sent', async () => {
  const error = await failure(
    client({}, { resolver: async () => [] }).request({
      method: 'POST',
      url: 'http://nowhere.example/',
      body: '{}',
    }),
  );
  expect(error.kind).toBe('not_sent');
  expect(error.message).toMatch(/The name nowhere.example cannot be resolved/);
});

test('a closed port is not_sent', async () => {
  const server = await loopback(() => {});
  await server.close();
  const error = await failure(client().request({ method: 'POST', url: `${server.url}/`, body: '{}' }));
  expect(error.kind).toBe('not_sent');
  expect(error.message).toBe(`127.0.0.1:${server.port} cannot be reached (ECONNREFUSED); nothing was sent.`);
});

test('a server that speaks no TLS is not_sent', async () => {
  const server = await serve((_request, response) => response.end());
  const error = await failure(
    client().request({ method: 'POST', url: `https://127.0.0.1:${server.port}/`, body: '{}' }),
  );
  expect(error.kind).toBe('not_sent');
});

test('a certificate is checked against the name, although the socket goes to the address', async () => {
  const server = await serve((_request, response) => response.end('ok'), {
    cert: certificate,
    key: privateKey,
  });
  const names = { allowHosts: ['127.0.0.1'], resolver: async () => ['127.0.0.1'] };
  const trusting = client({ ca: certificate }, names);
  expect((await trusting.request({ method: 'GET', url: `https://target.test:${server.port}/` })).text).toBe(
    'ok',
  );
  const wrongName = await failure(
    trusting.request({ method: 'GET', url: `https://other.test:${server.port}/` }),
  );
  expect(wrongName.kind).toBe('not_sent');
  expect(wrongName.message).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/);
  const untrusting = await failure(
    client({}, names).request({ method: 'GET', url: `https://target.test:${server.port}/` }),
  );
  expect(untrusting.message).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT/);
});

test('a server that asks for a client certificate is shown the one that was given', async () => {
  const server = await serve(
    (request, response) => response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN),
    { cert: certificate, key: privateKey, ca: certificate, requestCert: true, rejectUnauthorized: true },
  );
  const names = { allowHosts: ['127.0.0.1'], resolver: async () => ['127.0.0.1'] };
  const url = `https://target.test:${server.port}/`;
  const showing = client({ ca: certificate, cert: certificate, key: privateKey }, names);
  expect((await showing.request({ method: 'GET', url })).text).toBe('Rekey test server');
  const hiding = await failure(client({ ca: certificate }, names).request({ method: 'GET', url }));
  expect(hiding.message).not.toContain('PRIVATE KEY');
});

test('a socket that is cut after the request was sent is unknown', async () => {
  const server = await serve((request) => request.socket.destroy());
  const error = await failure(
    client().request({ method: 'POST', url: `${server.url}/?secret=s1`, body: 's2' }),
  );
  expect(error.kind).toBe('unknown');
  expect(error.message).toMatch(/may or may not have taken effect/);
});

test('an answer that breaks off in the middle is unknown', async () => {
  const server = await serve((request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setImmediate(() => request.socket.destroy());
  });
  const error = await failure(client().request({ method: 'GET', url: `${server.url}/` }));
  expect(error.kind).toBe('unknown');
  // People who read this under a preflight must not fear for what it only asked about.
  expect(error.message).toMatch(/was cut off .*; it asked for no change\.$/);
});

test('an answer that does not come in time is unknown, and the server sees the end of it', async () => {
  let gone: (() => void) | undefined;
  const ended = new Promise<void>((resolve) => {
    gone = resolve;
  });
  const server = await serve((request) => request.socket.on('close', () => gone?.()));
  const error = await failure(
    client({ timeoutMs: 100 }).request({ method: 'POST', url: `${server.url}/`, body: '' }),
  );
  expect(error.kind).toBe('unknown');
  expect(error.message).toMatch(/took longer than 0.1 s/);
  await ended;
});

test('a connect that does not come about in time is not_sent, and is not sent afterwards', async () => {
  let requests = 0;
  const server = await serve((_request, response) => {
    requests += 1;
    response.end();
  });
  let release: (() => void) | undefined;
  const real = buildConnector({});
  const connected = new Promise<Socket>((resolve, reject) => {
    const connector: buildConnector.connector = (options, callback) => {
      release = () =>
        real(options, (error, socket) => {
          if (error !== null) return reject(error);
          callback(null, socket);
          resolve(socket);
        });
    };
    const http = client({ timeoutMs: 100, connector });
    failure(http.request({ method: 'POST', url: `${server.url}/`, body: '' })).then((error) => {
      expect(error.kind).toBe('not_sent');
      release?.();
    }, reject);
  });
  await connected;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(requests).toBe(0);
});

test('an answer larger than the limit is unknown and is not read to its end', async () => {
  const server = await serve((_request, response) => response.end('x'.repeat(5_000)));
  expect((await client({ maxBytes: 5_000 }).request({ method: 'GET', url: server.url })).text).toHaveLength(
    5_000,
  );
  const error = await failure(client({ maxBytes: 4_999 }).request({ method: 'GET', url: server.url }));
  expect(error.kind).toBe('unknown');
  expect(error.message).toMatch(/answered more than 4999 bytes/);
});

test('a caller that gives up before sending gets not_sent, after sending unknown', async () => {
  let arrived: (() => void) | undefined;
  const request = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = await serve(() => arrived?.());
  const http = client();
  const before = http.withSignal(AbortSignal.abort()).request({ method: 'POST', url: server.url, body: '' });
  expect((await failure(before)).kind).toBe('not_sent');
  const controller = new AbortController();
  const after = failure(
    http.withSignal(controller.signal).request({ method: 'POST', url: server.url, body: '' }),
  );
  await request;
  controller.abort();
  expect((await after).kind).toBe('unknown');
});

test('a call that has a time to end by ends then, and one whose time is over is not sent', async () => {
  const silent = await serve(() => {});
  const post = { method: 'POST', url: silent.url, body: '' } as const;
  const http = client();
  const late = await failure(http.endingAt(performance.now() + 50).request(post));
  expect(late.kind).toBe('unknown');
  expect(late.message).toMatch(/took longer than 0\.1 s/);
  expect((await failure(http.endingAt(performance.now() - 200).request(post))).kind).toBe('not_sent');
});

test('no error repeats a path, a query, a header or a body', async () => {
  const cut = await serve((request) => request.socket.destroy());
  const silent = await serve(() => {});
  const requests = [cut.url, silent.url, 'http://127.0.0.1:1', 'http://s3cret:s3cret@127.0.0.1'];
  const http = client({ timeoutMs: 100 });
  for (const base of requests) {
    const error = await failure(
      http.request({
        method: 'POST',
        url: `${base}/s3cret?key=s3cret`,
        headers: { authorization: 'Bearer s3cret' },
        body: 's3cret',
      }),
    );
    expect(`${error.message} ${error.stack}`).not.toMatch(/s3cret/);
  }
});

test('a header that cannot be sent is refused without repeating it', async () => {
  const server = await serve((_request, response) => response.end());
  const error = await failure(
    client().request({ method: 'GET', url: server.url, headers: { authorization: 'Bearer s3cret\r\nx: y' } }),
  );
  expect(error.kind).toBe('refused');
  expect(error.message).not.toMatch(/s3cret/);
});
