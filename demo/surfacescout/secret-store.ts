import { randomBytes } from 'node:crypto';
import { type ClientBehaviour, isGraced } from '#demo/surfacescout/behaviour.ts';
import { readState, type Secret, type State, writeState } from '#demo/surfacescout/state-file.ts';
import { Plaintext } from '#lib/plaintext.ts';

const LAST_USED_FLUSH_MS = 5000;
const DEFAULT_GRACE_SECONDS = 86_400;

/** What a caller wishes for a new secret. Without a value, SurfaceScout makes one. */
export interface SecretWish {
  readonly tag: string | null;
  readonly value: Plaintext | null;
  /** When the previous secret ends, for a client with a graced overlap; a day later when it is not said. */
  readonly previousEndsAt?: Date | null;
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
  /** The vendor's own clock, in milliseconds. */
  readonly #clock: () => number;

  /** Reads the state, and makes one first secret for each client that has none. Throws on an unreadable file. */
  constructor(path: string, clients: readonly ClientBehaviour[], clock: () => number = Date.now) {
    this.#path = path;
    this.clients = clients;
    this.#clock = clock;
    this.#state = readState(path);
    const secrets = { ...this.#state.secrets };
    for (const { clientId } of clients) {
      if (!secrets[clientId]?.some((secret) => isLive(secret, this.#now()))) {
        secrets[clientId] = [this.#newSecret({ tag: null, value: null }, this.#now())];
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
    const now = this.#now();
    return this.#secretsOf(clientId).filter((secret) => isLive(secret, now));
  }

  /**
   * Whether the client can sign in with this value now; notes the use. Every secret is compared, each
   * in constant time, so the answer's time tells nothing about the values.
   */
  accepts(clientId: string, presented: Plaintext): boolean {
    const now = this.#now();
    const matches = this.#secretsOf(clientId).filter((secret) => secret.value.equals(presented));
    const working = matches.find((secret) => secret.worksFrom <= now && !hasEnded(secret, now));
    if (!working) return false;
    working.lastUsedAt = now;
    this.#flush ??= setTimeout(() => this.flush(), LAST_USED_FLUSH_MS).unref();
    return true;
  }

  /**
   * Makes a secret. With `maxLive` 1 it replaces the live one; otherwise it takes a free slot, and null
   * says that there is none. A chosen value that is live already is answered as it is: setting it again is harmless.
   */
  issue(client: ClientBehaviour, wish: SecretWish): Secret | null {
    const live = this.live(client.clientId);
    const { value } = wish;
    const same = value && live.find((secret) => secret.value.equals(value));
    if (same) return same;
    if (client.maxLive === 1) return this.replace(client, wish);
    if (live.length >= client.maxLive) return null;
    const made = this.#newSecret(wish, this.#after(client.propagationSeconds));
    if (isGraced(client)) return this.#issueWithGrace(client, made, wish.previousEndsAt);
    this.#store(client, [...this.#secretsOf(client.clientId), made]);
    return made;
  }

  /** Adds a secret, and sets the time at which every other live one ends by itself. */
  #issueWithGrace(client: ClientBehaviour, made: Secret, end: Date | null | undefined): Secret {
    const previousEndsAt = end?.toISOString() ?? this.#after(DEFAULT_GRACE_SECONDS);
    const graced = this.#secretsOf(client.clientId).map((secret) =>
      secret.endsAt === null ? { ...secret, expiresAt: earlier(secret.expiresAt, previousEndsAt) } : secret,
    );
    const kept = { ...made, previousEndsAt };
    this.#store(client, [...graced, kept]);
    return kept;
  }

  /** Makes a secret and ends every live one as the new one begins. */
  replace(client: ClientBehaviour, wish: SecretWish): Secret {
    const endsAt = this.#after(client.propagationSeconds);
    const made = { ...this.#newSecret(wish, endsAt), previousEndsAt: endsAt };
    const ended = this.#secretsOf(client.clientId).map((secret) =>
      secret.endsAt === null ? { ...secret, endsAt } : secret,
    );
    this.#store(client, [...ended, made]);
    return made;
  }

  /**
   * `gone`: no such live secret. `last`: it is the only live one, and stays. A client is never left with secrets that
   * all end by themselves: where the last lasting one is revoked, the newest of the others stays.
   */
  revoke(client: ClientBehaviour, id: string): 'revoked' | 'gone' | 'last' {
    const live = this.live(client.clientId);
    if (!live.some((secret) => secret.id === id)) return 'gone';
    if (live.length === 1) return 'last';
    const endsAt = this.#after(client.propagationSeconds);
    const others = live.filter((secret) => secret.id !== id);
    const stays = others.some((secret) => secret.expiresAt === null) ? undefined : others.at(-1)?.id;
    const kept = this.#secretsOf(client.clientId).map((secret) => {
      if (secret.id === id) return { ...secret, endsAt };
      return secret.id === stays ? { ...secret, expiresAt: null } : secret;
    });
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
    const now = this.#now();
    const remembered = secrets.filter((secret) => !hasEnded(secret, now));
    this.#commit({ ...this.#state.secrets, [client.clientId]: remembered });
  }

  #commit(secrets: State['secrets']): void {
    const next = { ...this.#state, secrets };
    writeState(this.#path, next);
    this.#state = next;
  }

  #now(): string {
    return this.#after(0);
  }

  #after(seconds: number): string {
    return new Date(this.#clock() + seconds * 1000).toISOString();
  }

  #newSecret(wish: SecretWish, worksFrom: string): Secret {
    return {
      id: `sec_${randomBytes(9).toString('base64url')}`,
      tag: wish.tag,
      value: wish.value ?? new Plaintext(randomBytes(32).toString('base64url')),
      createdAt: this.#now(),
      worksFrom,
      lastUsedAt: null,
      endsAt: null,
      expiresAt: null,
      previousEndsAt: null,
    };
  }
}

function isLive(secret: Secret, now: string): boolean {
  return secret.endsAt === null && !hasEnded(secret, now);
}

function hasEnded({ endsAt, expiresAt }: Secret, now: string): boolean {
  return (endsAt !== null && endsAt <= now) || (expiresAt !== null && expiresAt <= now);
}

function earlier(one: string | null, other: string): string {
  return one !== null && one < other ? one : other;
}
