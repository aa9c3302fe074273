import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createWebhookReceiver } from '#clients/node/webhook-receiver.mjs';
import { closeServer, json, listenOnLoopback, pathOf, type Reply, readBody, send } from '#demo/reply.ts';
import { answerAdmin } from '#demo/surfacescout/admin-api.ts';
import { type ClientBehaviour, clientBehaviour } from '#demo/surfacescout/behaviour.ts';
import { Faults } from '#demo/surfacescout/faults.ts';
import { SecretStore } from '#demo/surfacescout/secret-store.ts';
import { Plaintext } from '#lib/plaintext.ts';

export const ADMIN_TOKEN = 'faults-admin-token';
export const SIGNING_SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
export const TARGETS = ['a', 'b'] as const;

/** One call that a worker makes to the outside. */
export interface OutsideCall {
  readonly name: string;
  /** Whether it changes something at the issuer or at a target. */
  readonly changes: boolean;
}

/** What happens to a call: it goes its way, its caller gets no answer, or it is turned away for now. */
export type Fate = 'go' | 'drop' | 'refuse';

export interface Killer {
  before(call: OutsideCall): Promise<Fate>;
  after(call: OutsideCall): Promise<Fate>;
  /** Something outside has just changed. */
  changed(): void;
}

interface Held {
  versionId: string;
  entries: Record<string, string>;
}

const ADMIN_CALLS: readonly [RegExp, string, boolean][] = [
  [/^GET \/admin\/clients\/[^/]+$/, 'issuer.check', false],
  [/^GET \/admin\/clients\/[^/]+\/secrets$/, 'issuer.list', false],
  [/^POST \/admin\/clients\/[^/]+\/secrets$/, 'issuer.issue', true],
  [/^GET \/admin\/clients\/[^/]+\/secrets\//, 'issuer.read', false],
  [/^DELETE \/admin\/clients\/[^/]+\/secrets\//, 'issuer.revoke', true],
  [/^POST \/oauth\/token$/, 'issuer.token', false],
];

/** The issuer and the targets, on one loopback server in this process, with a killer that sees every call. */
export class Outside {
  store: SecretStore;
  url = '';
  killer: Killer | null = null;
  /** What the targets hold: by target and slot. */
  readonly held = new Map<string, Held>();
  /** Every secret that was ever issued or set. */
  readonly issued = new Set<string>();
  shiftMs = 0;
  #client: ClientBehaviour;
  readonly #folder: string;
  #stores = 0;
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  constructor(folder: string, client: ClientBehaviour) {
    this.#folder = folder;
    this.#client = client;
    this.store = this.#newStore();
  }

  async open(): Promise<void> {
    this.url = await listenOnLoopback(this.#server, 0);
  }

  async close(): Promise<void> {
    await closeServer(this.#server);
    this.store.flush();
  }

  /** A client with one secret of its own and targets that hold nothing. */
  begin(client: ClientBehaviour): void {
    this.store.flush();
    this.#client = client;
    this.store = this.#newStore();
    this.held.clear();
  }

  get client() {
    return clientBehaviour.parse(this.#client);
  }

  /** The values that sign in now. */
  live(): readonly { id: string; value: string }[] {
    return this.store.live(this.#client.clientId).map(({ id, value }) => ({ id, value: value.expose() }));
  }

  accepts(secret: string | undefined): boolean {
    return this.live().some(({ value }) => value === secret);
  }

  /** What a person does on the vendor's page. */
  replaceByHand(): string {
    const made = this.store.replace(this.client, { tag: null, value: null }).value.expose();
    this.#remember();
    this.killer?.changed();
    return made;
  }

  /** What an application that reads its target finds there. */
  secretAt(target: string, slot: 'primary' | 'next'): string | undefined {
    return this.held.get(`${target}/${slot}`)?.entries.SECRET;
  }

  #newStore(): SecretStore {
    this.#stores += 1;
    const file = path.join(this.#folder, `issuer-${this.#stores}.json`);
    const store = new SecretStore(
      file,
      [clientBehaviour.parse(this.#client)],
      () => Date.now() + this.shiftMs,
    );
    this.store = store;
    this.#remember();
    return store;
  }

  #remember(): void {
    for (const { value } of this.live()) {
      this.issued.add(value);
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request);
      const reply = await this.#answer(request, body);
      if (reply === 'drop') {
        request.socket.destroy();
      } else {
        send(response, reply);
      }
    } catch {
      request.socket.destroy();
    }
  }

  async #answer(request: IncomingMessage, body: string): Promise<Reply | 'drop'> {
    const call = callOf(request, body);
    const before = (await this.killer?.before(call)) ?? 'go';
    if (before !== 'go') {
      return before === 'drop' ? 'drop' : json(503, { error: 'not_now' });
    }
    const reply = await this.#effect(replay(request, body));
    this.#remember();
    if (call.changes) {
      this.killer?.changed();
    }
    const after = (await this.killer?.after(call)) ?? 'go';
    return after === 'go' ? reply : 'drop';
  }

  #effect(request: IncomingMessage): Promise<Reply | 'drop'> {
    const where = pathOf(request);
    const target = /^\/targets\/(\w+)$/.exec(where)?.[1];
    if (target !== undefined) {
      return this.#receive(target, request);
    }
    if (where === '/oauth/token') {
      return Promise.resolve(this.#token(request));
    }
    return answerAdmin(request, {
      store: this.store,
      faults: new Faults(),
      adminToken: new Plaintext(ADMIN_TOKEN),
      signal: new AbortController().signal,
    });
  }

  #token(request: IncomingMessage): Reply {
    const basic = /^basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':').map(formDecoded);
    return id === this.#client.clientId && this.store.accepts(id, new Plaintext(secret))
      ? json(200, { access_token: 'sample', token_type: 'Bearer', expires_in: 60 })
      : json(401, { error: 'invalid_client' });
  }

  /** The receiver that consumers use, with its answer caught. */
  async #receive(target: string, request: IncomingMessage): Promise<Reply> {
    const receive = createWebhookReceiver({
      signingSecret: SIGNING_SECRET,
      keep: ({ versionId, slot, entries }) => void this.held.set(`${target}/${slot}`, { versionId, entries }),
      held: ({ slot }) => this.held.get(`${target}/${slot}`) ?? null,
      remove: ({ slot }) => void this.held.delete(`${target}/${slot}`),
    });
    const caught = { status: 500, headers: {}, body: '' };
    const response = {
      writeHead(status: number) {
        caught.status = status;
        return response;
      },
      end(text: string) {
        caught.body = text;
      },
    };
    // Of node's response the receiver uses these two.
    await receive(request, response as unknown as ServerResponse);
    return { ...caught, headers: { 'content-type': 'application/json' } };
  }
}

function callOf(request: IncomingMessage, body: string): OutsideCall {
  const line = `${request.method} ${pathOf(request)}`;
  if (line.startsWith('POST /targets/')) {
    const { type } = JSON.parse(body) as { type: string };
    return { name: `target.${type}`, changes: type !== 'ping' && type !== 'secret.confirm' };
  }
  const [, name, changes] = ADMIN_CALLS.find(([pattern]) => pattern.test(line)) ?? [];
  if (name === undefined || changes === undefined) {
    throw new Error(`The harness does not know the call ${line}.`);
  }
  return { name, changes };
}

/** The same request once more, with the body that has been read already. */
function replay(request: IncomingMessage, body: string): IncomingMessage {
  const { method, url, headers } = request;
  const again = Readable.from(body === '' ? [] : [Buffer.from(body)]);
  return Object.assign(again, { method, url, headers }) as unknown as IncomingMessage;
}

function formDecoded(text: string): string {
  return new URLSearchParams(`v=${text}`).get('v') ?? '';
}
