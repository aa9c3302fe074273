import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { json, pathOf, type Reply, readBody } from '#demo/reply.ts';
import { type ClientBehaviour, isGraced } from '#demo/surfacescout/behaviour.ts';
import { type Fault, type Faults, fault, underFault } from '#demo/surfacescout/faults.ts';
import type { SecretStore } from '#demo/surfacescout/secret-store.ts';
import { Plaintext } from '#lib/plaintext.ts';

const CLIENT_PATH = /^\/admin\/clients\/([^/]+)(?:\/(secrets|first-secret)(?:\/([^/]+))?)?$/;

const newSecret = z.object({
  tag: z.string().min(1).max(200).optional(),
  value: z
    .string()
    .regex(/^[\x21-\x7e]{16,128}$/)
    .transform((value) => new Plaintext(value))
    .optional(),
  /** When the previous secret ends, where the client's overlap is graced. */
  previousEndsAt: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional(),
});

export interface AdminWorld {
  readonly store: SecretStore;
  readonly faults: Faults;
  readonly adminToken: Plaintext;
  readonly signal: AbortSignal;
}

interface Operation {
  readonly on: Fault['on'] | null;
  run(current: Fault | null): Promise<Reply>;
}

/**
 * SurfaceScout's admin API: the clients, their secrets, and faults on demand. Bearer token, JSON.
 * `GET /admin/clients` answers every client with how it is treated and, where its secrets can be listed, the live ones
 * with their age and last use; never a value. `drop` asks the caller to destroy the socket.
 */
export async function answerAdmin(request: IncomingMessage, world: AdminWorld): Promise<Reply | 'drop'> {
  if (!mayAdminister(request, world.adminToken)) {
    return json(401, { error: 'unauthorized' }, { 'www-authenticate': 'Bearer' });
  }
  const path = pathOf(request);
  if (path === '/admin/faults') return changeFaults(request, world.faults);
  if (path === '/admin/clients' && request.method === 'GET') {
    return json(200, { clients: world.store.clients.map((client) => withSecrets(world.store, client)) });
  }
  const [, clientId = '', part, secretId] = CLIENT_PATH.exec(path) ?? [];
  const client = world.store.client(clientId);
  if (!client) return json(404, { error: 'not_found' });
  const operation = findOperation(request, world.store, client, part, secretId);
  if ('status' in operation) return operation;
  const current = operation.on && world.faults.take(clientId, operation.on);
  if (!current) return operation.run(null);
  return underFault(current, () => operation.run(current), world.signal);
}

function mayAdminister(request: IncomingMessage, adminToken: Plaintext): boolean {
  const given = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return given !== undefined && new Plaintext(given).equals(adminToken);
}

async function changeFaults(request: IncomingMessage, faults: Faults): Promise<Reply> {
  if (request.method === 'DELETE') {
    faults.clear();
    return noContent;
  }
  if (request.method !== 'POST') return notAllowed;
  const parsed = fault.safeParse(parseJson(await readBody(request)));
  if (!parsed.success) return json(400, { error: 'invalid_request' });
  faults.arm(parsed.data);
  return json(201, parsed.data);
}

function findOperation(
  request: IncomingMessage,
  store: SecretStore,
  client: ClientBehaviour,
  part: string | undefined,
  secretId: string | undefined,
): Operation | Reply {
  const method = request.method;
  if (part === undefined) {
    return method === 'GET' ? { on: 'check', run: async () => json(200, client) } : notAllowed;
  }
  if (part === 'first-secret') {
    return method === 'GET' && !secretId
      ? { on: null, run: async () => firstSecret(store, client) }
      : notAllowed;
  }
  if (!client.hasApi) return json(404, { error: 'not_found' });
  if (secretId === undefined) {
    if (method === 'POST') return { on: 'issue', run: (current) => issue(request, store, client, current) };
    if (method === 'GET' && client.list) return { on: 'list', run: async () => list(store, client) };
    return notAllowed;
  }
  if (method === 'DELETE') return { on: 'revoke', run: async () => revoke(store, client, secretId) };
  if (method === 'GET' && client.readBack) {
    return { on: 'read', run: async () => readBack(store, client, secretId) };
  }
  return notAllowed;
}

/** Exists only so that the sample world can be seeded: a real vendor shows a secret once, or never. */
function firstSecret(store: SecretStore, client: ClientBehaviour): Reply {
  const [first] = store.live(client.clientId);
  return first
    ? json(200, { clientSecret: first.value.expose(), id: first.id })
    : json(404, { error: 'not_found' });
}

function liveSecrets(store: SecretStore, { clientId }: ClientBehaviour) {
  return store
    .live(clientId)
    .map(({ id, tag, createdAt, lastUsedAt }) => ({ id, tag, createdAt, lastUsedAt }));
}

function list(store: SecretStore, client: ClientBehaviour): Reply {
  return json(200, { secrets: liveSecrets(store, client) });
}

function withSecrets(store: SecretStore, client: ClientBehaviour) {
  return client.hasApi && client.list ? { ...client, secrets: liveSecrets(store, client) } : client;
}

async function issue(
  request: IncomingMessage,
  store: SecretStore,
  client: ClientBehaviour,
  current: Fault | null,
): Promise<Reply> {
  const parsed = newSecret.safeParse(parseJson(await readBody(request)));
  if (!parsed.success) return json(400, { error: 'invalid_request' });
  const { tag = null, value = null, previousEndsAt: wishedEnd = null } = parsed.data;
  if (value && !client.chosenValue) return json(400, { error: 'value_not_allowed' });
  if (wishedEnd && !isGraced(client)) return json(400, { error: 'previous_end_not_allowed' });
  const live = store.live(client.clientId);
  const wish = { tag, value, previousEndsAt: wishedEnd };
  const made = current?.kind === 'same_secret' ? live.at(-1) : store.issue(client, wish);
  if (!made) {
    const ids = live.map(({ id, createdAt }) => ({ id, createdAt }));
    return json(409, { error: 'slot_full', liveSecrets: ids });
  }
  const { id, createdAt, previousEndsAt } = made;
  const answer = { id, secret: made.value.expose(), createdAt };
  return json(201, previousEndsAt === null ? answer : { ...answer, previousEndsAt });
}

function readBack(store: SecretStore, client: ClientBehaviour, secretId: string): Reply {
  const found = store.live(client.clientId).find(({ id }) => id === secretId);
  return found
    ? json(200, { id: found.id, secret: found.value.expose() })
    : json(404, { error: 'not_found' });
}

function revoke(store: SecretStore, client: ClientBehaviour, secretId: string): Reply {
  switch (store.revoke(client, secretId)) {
    case 'revoked':
      return noContent;
    case 'gone':
      return json(404, { error: 'not_found' });
    case 'last':
      return json(409, { error: 'last_secret' });
  }
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const noContent: Reply = { status: 204, headers: {}, body: '' };
const notAllowed: Reply = json(405, { error: 'method_not_allowed' });
