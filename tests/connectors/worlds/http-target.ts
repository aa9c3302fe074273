import type { IncomingMessage } from 'node:http';
import { loopback } from '#tests/support/loopback.ts';
import type { TargetWorld } from './world.ts';

const AUTHORIZATION = 'Authorization: Bearer {{secret.token}}';
const token = 'key-store-token';

interface Sent {
  readonly method: string;
  readonly parts: readonly string[];
  readonly body: Record<string, unknown>;
}

async function sentIn(request: IncomingMessage): Promise<Sent> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const parts = (request.url ?? '').split('/').slice(1).map(decodeURIComponent);
  return { method: request.method ?? '', parts, body: text === '' ? {} : JSON.parse(text) };
}

/** A key store for one application, with a key at a time under /apps/app/1/keys and all at once under …/merge and …/drop. */
export async function httpKeyStore() {
  const kept = new Map([['OTHER', '1']]);
  const state: { trouble?: number } = {};
  const answer = ({ method, parts: [apps, name, kind, key], body }: Sent): [number, unknown?] => {
    if (apps !== 'apps' || name !== 'app/1') return [404, { error: 'no_app' }];
    if (kind === 'merge') {
      for (const [one, value] of Object.entries(body.data as Record<string, string>)) kept.set(one, value);
      return [200, {}];
    }
    if (kind === 'drop') {
      for (const one of body.keys as string[]) kept.delete(one);
      return [204];
    }
    if (key === undefined) return [200, { keys: [...kept.keys()] }];
    if (method === 'PUT') kept.set(key, String(body.value));
    const value = kept.get(key);
    if (method === 'DELETE') return kept.delete(key) ? [204] : [404, { error: 'no_key' }];
    return value === undefined ? [404, { error: 'no_key' }] : [200, { key: { value } }];
  };
  const server = await loopback(async (request, response) => {
    const sent = await sentIn(request);
    const allowed = request.headers.authorization === `Bearer ${token}`;
    const [status, body] = state.trouble ? [state.trouble] : allowed ? answer(sent) : [401];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? '' : JSON.stringify(body));
  });
  const usual = {
    baseUrl: server.url,
    token,
    check: `GET /apps/{{place.name}}/keys\n${AUTHORIZATION}`,
  };
  const one = '/apps/{{place.name}}/keys/{{key}}';
  const perKey = {
    ...usual,
    write: `PUT ${one}\n${AUTHORIZATION}\n\n{"value": "{{value}}"}`,
    read: `GET ${one}\n${AUTHORIZATION}`,
    readValue: '/key/value',
    absent: '404 /error no_key',
    remove: `DELETE ${one}\n${AUTHORIZATION}`,
  };
  const atOnce = {
    ...usual,
    write: `PATCH /apps/{{place.name}}/merge\n${AUTHORIZATION}\n\n{"data": "{{entries}}"}`,
    remove: `POST /apps/{{place.name}}/drop\n${AUTHORIZATION}\n\n{"keys": "{{keys}}"}`,
  };
  return { kept, state, perKey, atOnce, close: server.close };
}

export const httpTargetWorld = () => world('perKey');
export const httpAllTargetWorld = () => world('atOnce');

async function world(way: 'perKey' | 'atOnce'): Promise<TargetWorld> {
  const store = await httpKeyStore();
  return {
    config: store[way],
    place: { name: 'app/1' },
    secrets: [token],
    refuse: async () => {
      store.state.trouble = 403;
    },
    breakDown: async () => {
      store.state.trouble = 503;
    },
    neighbours: async (key) => JSON.stringify([...store.kept].filter(([name]) => name !== key)),
    storedAt: async (key) => store.kept.get(key),
    close: store.close,
  };
}
