import { randomBytes } from 'node:crypto';
import type { ClientBehaviour } from '#demo/surfacescout/behaviour.ts';
import { readState, type Secret, type State, writeState } from '#demo/surfacescout/state-file.ts';
import { Plaintext } from '#lib/plaintext.ts';

const LAST_USED_FLUSH_MS = 5000;

/** What a caller wishes for a new secret. Without a value, SurfaceScout makes one. */
export interface SecretWish {
  readonly tag: string | null;
  readonly value: Plaintext | null;
}

/**
 * The clients of SurfaceScout and their secrets. Each change is on disk before the call returns, so a
 * killed process comes back with the same secrets. Only `lastUsedAt` is written later, within 5 s.
 */
export class SecretStore {
  readonly clients: readonly ClientBehaviour[];
  readonly #path: string;
  #state: State;
  #flush: NodeJS.Timeout | null = null;

  /** Reads the state, and makes one first secret for each client that has none. Throws on an unreadable file. */
  constructor(path: string, clients: readonly ClientBehaviour[]) {
    this.#path = path;
    this.clients = clients;
    this.#state = readState(path);
    const secrets = { ...this.#state.secrets };
    for (const { clientId } of clients) {
      if (!secrets[clientId]?.some(isLive)) {
        secrets[clientId] = [newSecret({ tag: null, value: null }, new Date())];
      }
    }
    this.#commit(secrets);
  }

  get keys(): Pick<State, 'signingKey' | 'cookieKey'> {
    return this.#state;
  }

  client(clientId: string): ClientBehaviour | undefined {
    return this.clients.find((client) => client.clientId === clientId);
  }

  /** The secrets that are neither revoked nor replaced, oldest first. */
  live(clientId: string): readonly Secret[] {
    return this.#secretsOf(clientId).filter(isLive);
  }

  /**
   * Whether the client can sign in with this value now; notes the use. Every secret is compared, each
   * in constant time, so the answer's time tells nothing about the values.
   */
  accepts(clientId: string, presented: Plaintext): boolean {
    const now = new Date().toISOString();
    const matches = this.#secretsOf(clientId).filter((secret) => secret.value.equals(presented));
    const working = matches.find((secret) => secret.worksFrom <= now && !hasEnded(secret, now));
    if (!working) return false;
    working.lastUsedAt = now;
    this.#flush ??= setTimeout(() => this.flush(), LAST_USED_FLUSH_MS).unref();
    return true;
  }

  /**
   * Makes a secret. With `maxLive` 1 it replaces the live one; otherwise it takes a free slot, and null
   * says that there is none. The same tag with the same chosen value answers the secret already made.
   */
  issue(client: ClientBehaviour, wish: SecretWish): Secret | null {
    const live = this.live(client.clientId);
    const { value } = wish;
    const same = value && live.find((secret) => secret.tag === wish.tag && secret.value.equals(value));
    if (same) return same;
    if (client.maxLive === 1) return this.replace(client, wish);
    if (live.length >= client.maxLive) return null;
    const made = newSecret(wish, after(client.propagationSeconds));
    this.#store(client, [...this.#secretsOf(client.clientId), made]);
    return made;
  }

  /** Makes a secret and ends every live one as the new one begins. */
  replace(client: ClientBehaviour, wish: SecretWish): Secret {
    const change = after(client.propagationSeconds);
    const endsAt = change.toISOString();
    const made = { ...newSecret(wish, change), previousEndsAt: endsAt };
    const ended = this.#secretsOf(client.clientId).map((secret) =>
      isLive(secret) ? { ...secret, endsAt } : secret,
    );
    this.#store(client, [...ended, made]);
    return made;
  }

  /** `gone`: no such live secret. `last`: it is the only live one, and stays. */
  revoke(client: ClientBehaviour, id: string): 'revoked' | 'gone' | 'last' {
    const live = this.live(client.clientId);
    if (!live.some((secret) => secret.id === id)) return 'gone';
    if (live.length === 1) return 'last';
    const endsAt = after(client.propagationSeconds).toISOString();
    const kept = this.#secretsOf(client.clientId).map((secret) =>
      secret.id === id ? { ...secret, endsAt } : secret,
    );
    this.#store(client, kept);
    return 'revoked';
  }

  /** Writes what is not on disk yet. */
  flush(): void {
    if (!this.#flush) return;
    clearTimeout(this.#flush);
    this.#flush = null;
    writeState(this.#path, this.#state);
  }

  #secretsOf(clientId: string): readonly Secret[] {
    return this.#state.secrets[clientId] ?? [];
  }

  #store(client: ClientBehaviour, secrets: readonly Secret[]): void {
    const now = new Date().toISOString();
    const remembered = secrets.filter((secret) => !hasEnded(secret, now));
    this.#commit({ ...this.#state.secrets, [client.clientId]: remembered });
  }

  #commit(secrets: State['secrets']): void {
    const next = { ...this.#state, secrets };
    writeState(this.#path, next);
    this.#state = next;
  }
}

function isLive(secret: Secret): boolean {
  return secret.endsAt === null;
}

function hasEnded(secret: Secret, now: string): boolean {
  return secret.endsAt !== null && secret.endsAt <= now;
}

function after(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000);
}

function newSecret(wish: SecretWish, worksFrom: Date): Secret {
  return {
    id: `sec_${randomBytes(9).toString('base64url')}`,
    tag: wish.tag,
    value: wish.value ?? new Plaintext(randomBytes(32).toString('base64url')),
    createdAt: new Date().toISOString(),
    worksFrom: worksFrom.toISOString(),
    lastUsedAt: null,
    endsAt: null,
    previousEndsAt: null,
  };
}
