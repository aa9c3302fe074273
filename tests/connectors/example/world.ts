import { Plaintext } from '#lib/plaintext.ts';
import { loopback } from '#tests/support/loopback.ts';
import type { IssuerWorld } from '../worlds/world.ts';

/** Keyhole on loopback, as its documents describe it, with one key that works. */
export async function keyholeWorld(): Promise<IssuerWorld> {
  const adminKey = 'admin-key';
  const keys = new Map([['key-1', { key: 'first-key', label: 'made by hand' }]]);
  let trouble: number | undefined;
  let number = 1;

  const server = await loopback(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const reply = (status: number, body?: unknown) =>
      response.writeHead(status).end(body === undefined ? '' : JSON.stringify(body));
    if (trouble !== undefined) return reply(trouble, { error: 'forbidden' });
    const bearer = request.headers.authorization?.replace('Bearer ', '');
    const [, , , clientId, , id] = (request.url ?? '').split('/');
    if (request.url === '/v1/whoami') {
      const known = [...keys.values()].some(({ key }) => key === bearer);
      return known ? reply(200, {}) : reply(401, { error: 'invalid_key' });
    }
    if (bearer !== adminKey) return reply(401, { error: 'forbidden' });
    if (clientId !== 'app') return reply(404, { error: 'no_such_client' });
    if (request.method === 'DELETE') return reply(keys.delete(id ?? '') ? 204 : 404);
    if (request.method === 'GET')
      return reply(200, { keys: [...keys].map(([one, { label }]) => ({ id: one, label })) });
    if (keys.size === 2) return reply(409, { error: 'limit_reached' });
    number += 1;
    const { label } = JSON.parse(text) as { label: string };
    keys.set(`key-${number}`, { key: `made-${number}`, label });
    return reply(201, { id: `key-${number}`, key: `made-${number}` });
  });

  return {
    config: { baseUrl: server.url, adminKey },
    place: { clientId: 'app' },
    working: { key: new Plaintext('first-key') },
    initial: 'key-1',
    secrets: [adminKey, 'first-key'],
    refuse: async () => {
      trouble = 403;
    },
    breakDown: async () => {
      trouble = 503;
    },
    close: server.close,
  };
}
