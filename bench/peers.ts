import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerQuestions } from '#bench/child.ts';
import { listenOnLoopback } from '#demo/reply.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';

/*
 * What a rotation talks to, as fast as Node allows: SurfaceScout's admin API and token endpoint, and receivers of
 * webhooks. Everything is in memory, nobody is refused for a wrong signature, and clients exist once they are named.
 */

type Reply = [status: number, body?: unknown];

const signingKey = Buffer.from(process.env.BENCH_SIGNING_KEY ?? '', 'base64');
const clients = new Map<string, Map<string, string>>();
const receivers = new Map<string, { versionId: string; entries: Record<string, string> }>();
let delayMs = 0;
let calls = 0;

/** The first secret of every client is known, so that it can be imported. */
function liveSecrets(clientId: string): Map<string, string> {
  const known = clients.get(clientId) ?? new Map([['first', `first-secret-of-${clientId}`]]);
  clients.set(clientId, known);
  return known;
}

function admin(method: string, clientId: string, part?: string, secretId?: string): Reply {
  const live = liveSecrets(clientId);
  if (part === undefined) {
    const can = { maxLive: 2, chosenValue: false, readBack: false, list: true, propagationSeconds: 0 };
    return [200, { clientId, ...can, hasApi: true }];
  }
  if (method === 'DELETE' && secretId !== undefined) {
    return [live.delete(secretId) ? 204 : 404];
  }
  if (method === 'GET') {
    return [200, { secrets: [...live.keys()].map((id) => ({ id })) }];
  }
  if (live.size >= 2) {
    return [409, { error: 'slot_full', liveSecrets: [...live.keys()].map((id) => ({ id })) }];
  }
  const issued = { id: randomBytes(8).toString('hex'), secret: randomBytes(24).toString('base64url') };
  live.set(issued.id, issued.secret);
  return [201, issued];
}

function token(authorization = ''): Reply {
  const [clientId = '', secret = ''] = Buffer.from(authorization.slice(6), 'base64').toString().split(':');
  for (const value of liveSecrets(clientId).values()) {
    if (value === secret) {
      return [200, { access_token: 'token', token_type: 'Bearer', expires_in: 60 }];
    }
  }
  return [401, { error: 'invalid_client' }];
}

interface Message {
  type: string;
  data: { versionId: string; entries: Record<string, string>; keys: string[] };
}

/** Every binding has one key of its own, and a receiver keeps the last delivery for each. */
function receive(path: string, { type, data }: Message): Reply {
  const place = (key = '') => `${path} ${key}`;
  if (type === 'secret.delivered') {
    receivers.set(place(Object.keys(data.entries)[0]), data);
  }
  const held = receivers.get(place(Object.keys(data.entries ?? {})[0] ?? data.keys?.[0]));
  if (held === undefined) {
    return [200, { versionId: null, proof: null }];
  }
  const [value] = Object.values(held.entries);
  const proof = createHmac('sha256', signingKey).update(`${held.versionId}.${value}`).digest('base64');
  return [200, { versionId: held.versionId, proof }];
}

function replyTo({ method = 'GET', url = '/', headers }: IncomingMessage, body: string): Reply {
  const [, first, , clientId = '', part, secretId] = url.split('/');
  switch (first) {
    case 'admin':
      return admin(method, clientId, part, secretId);
    case 'oauth':
      return token(headers.authorization);
    case 'receiver':
      return receive(url, JSON.parse(body) as Message);
    default:
      return [200, {}];
  }
}

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', async () => {
    calls += 1;
    if (delayMs > 0) {
      await sleep(delayMs);
    }
    const [status, content] = replyTo(request, body);
    const text = content === undefined ? '' : JSON.stringify(content);
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  });
});
// Kept open between runs: a closed socket would count as a failure of the peer.
server.keepAliveTimeout = 120_000;
const url = await listenOnLoopback(server, 0);

const handlers = {
  url: () => url,
  delay: (ms: number) => {
    delayMs = ms;
  },
  /** How many calls came since this was asked last. */
  calls: () => {
    const since = calls;
    calls = 0;
    return since;
  },
};

export type PeersHandlers = typeof handlers;

answerQuestions(handlers);
tieToStarter(async () => {
  server.close();
  server.closeAllConnections();
});
sayReady();
