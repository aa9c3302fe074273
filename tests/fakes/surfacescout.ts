import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Loopback, loopback } from '../support/loopback.ts';

export interface FakeBehaviour {
  clientId: string;
  maxLive: number;
  overlap: 'explicit' | 'graced';
  chosenValue: boolean;
  readBack: boolean;
  list: boolean;
  propagationSeconds: number;
  hasApi: boolean;
}

/** What every request is answered with while it is set, instead of the usual. */
export type Trouble =
  | 'none'
  | 'unavailable'
  | 'html'
  | 'unauthorized'
  | 'cut'
  | 'cut_after'
  | 'accepted'
  | 'odd_json';

export interface FakeSurfaceScout {
  readonly url: string;
  readonly adminToken: string;
  readonly behaviour: FakeBehaviour;
  /** The live secrets: id → value and tag. */
  readonly live: Map<string, { value: string; tag?: string }>;
  trouble: Trouble;
  close(): Promise<void>;
}

type Answer = [status: number, body?: unknown];

/** SurfaceScout's admin API and token endpoint for one client, in memory. */
export async function fakeSurfaceScout(change: Partial<FakeBehaviour> = {}): Promise<FakeSurfaceScout> {
  const behaviour: FakeBehaviour = {
    clientId: 'fleet api/1',
    maxLive: 2,
    overlap: 'explicit',
    chosenValue: false,
    readBack: true,
    list: true,
    propagationSeconds: 0,
    hasApi: true,
    ...change,
  };
  const live = new Map([['first', { value: `first-${randomUUID()}` }]]);
  const server: Loopback = await loopback(async (request, response) => {
    const body = await bodyOf(request);
    if (fake.trouble === 'cut') return void request.socket.destroy();
    const troubled = inTrouble(fake.trouble);
    const [status, content] = troubled ?? answer(fake, request, body);
    if (fake.trouble === 'cut_after') return void request.socket.destroy();
    if (fake.trouble === 'accepted') return void response.writeHead(202).end();
    response.writeHead(status, {
      'content-type': typeof content === 'string' ? 'text/html' : 'application/json',
    });
    response.end(typeof content === 'string' ? content : JSON.stringify(content));
  });
  const fake: FakeSurfaceScout = {
    url: server.url,
    adminToken: `admin-${randomUUID()}`,
    behaviour,
    live,
    trouble: 'none',
    close: server.close,
  };
  return fake;
}

function inTrouble(trouble: Trouble): Answer | undefined {
  if (trouble === 'unavailable') return [503, { error: 'down' }];
  if (trouble === 'html') return [200, '<p>Sign in to the proxy.</p>'];
  if (trouble === 'unauthorized') return [401, { error: 'unauthorized' }];
  if (trouble === 'odd_json') return [200, { unexpected: true }];
  return undefined;
}

function answer(fake: FakeSurfaceScout, request: IncomingMessage, body: string): Answer {
  const path = request.url ?? '';
  if (path === '/oauth/token') return token(fake, request, body);
  if (request.headers.authorization !== `Bearer ${fake.adminToken}`) return [401, { error: 'unauthorized' }];
  if (path === '/admin/clients') return clients(fake);
  const [, id = '', part, secretId] =
    /^\/admin\/clients\/([^/]+)(?:\/(secrets)(?:\/([^/]+))?)?$/.exec(path) ?? [];
  if (decodeURIComponent(id) !== fake.behaviour.clientId) return [404, { error: 'not_found' }];
  if (part === undefined) return [200, fake.behaviour];
  if (!fake.behaviour.hasApi) return [404, { error: 'not_found' }];
  if (secretId === undefined) return request.method === 'POST' ? issue(fake, body) : list(fake);
  return request.method === 'DELETE' ? revoke(fake, secretId) : read(fake, secretId);
}

function token(fake: FakeSurfaceScout, request: IncomingMessage, body: string): Answer {
  const form = new URLSearchParams(body);
  const [, basic = ''] = (request.headers.authorization ?? '').split(' ');
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':').map(formDecoded);
  const clientId = form.get('client_id') ?? id;
  const given = form.get('client_secret') ?? secret;
  const known =
    clientId === fake.behaviour.clientId && [...fake.live.values()].some(({ value }) => value === given);
  return known ? [200, { access_token: 'token', token_type: 'Bearer' }] : [401, { error: 'invalid_client' }];
}

function issue(fake: FakeSurfaceScout, body: string): Answer {
  const { tag, value, previousEndsAt } = JSON.parse(body) as Record<string, string | undefined>;
  const same = [...fake.live].find(([, secret]) => secret.value === value);
  if (same) return [201, { id: same[0], secret: value, createdAt: new Date().toISOString() }];
  const replaces = fake.behaviour.maxLive === 1;
  if (!replaces && fake.live.size >= fake.behaviour.maxLive) {
    const liveSecrets = [...fake.live.keys()].map((id) => ({ id, createdAt: new Date().toISOString() }));
    return [409, { error: 'slot_full', liveSecrets }];
  }
  if (replaces) fake.live.clear();
  const id = randomUUID();
  const secret = value ?? `made-${randomUUID()}`;
  fake.live.set(id, { value: secret, ...(tag && { tag }) });
  // What is asked for is answered, so that a test sees what the connector sent. Nothing ends here by itself.
  const ended = replaces ? { previousEndsAt: new Date().toISOString() } : { previousEndsAt };
  return [201, { id, secret, createdAt: new Date().toISOString(), ...ended }];
}

function liveSecrets(fake: FakeSurfaceScout) {
  return [...fake.live].map(([id, { tag }]) => ({
    id,
    tag: tag ?? null,
    createdAt: new Date().toISOString(),
    lastUsedAt: null,
  }));
}

function list(fake: FakeSurfaceScout): Answer {
  return [200, { secrets: liveSecrets(fake) }];
}

/** The client, and one that has no API: its secrets are never listed. */
function clients(fake: FakeSurfaceScout): Answer {
  const { behaviour } = fake;
  const isListed = behaviour.hasApi && behaviour.list;
  const own = { ...behaviour, ...(isListed && { secrets: liveSecrets(fake) }) };
  return [200, { clients: [own, { ...behaviour, clientId: 'form only', hasApi: false }] }];
}

function read(fake: FakeSurfaceScout, id: string): Answer {
  const found = fake.live.get(id);
  return found ? [200, { id, secret: found.value }] : [404, { error: 'not_found' }];
}

function revoke(fake: FakeSurfaceScout, id: string): Answer {
  if (!fake.live.has(id)) return [404, { error: 'not_found' }];
  if (fake.live.size === 1) return [409, { error: 'last_secret' }];
  fake.live.delete(id);
  return [204];
}

function formDecoded(text: string): string {
  return new URLSearchParams(`v=${text}`).get('v') ?? '';
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
