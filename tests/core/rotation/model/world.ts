/* What lies outside Rekey, as a model: one issuer with its secrets, and targets with consumers that use them. */

export interface Secret {
  id: string;
  value: string;
  tag: string | null;
  /** When the issuer ends it by itself. */
  endsAt: number;
}

export interface Target {
  primary: string | null;
  next: string | null;
  /** What a consumer uses that takes its value up only when it is redeployed. */
  running: string | null;
}

export interface IssuerTraits {
  maxLive: number;
  graced: boolean;
  list: boolean;
}

interface Wish {
  tag: string;
  value: string | null;
  previousEndsAt: number | null;
}

const SLOW_SECONDS = 10;

/** The issuer has no room for another secret. */
export class NoSlot extends Error {}

export class World {
  now = Date.parse('2026-11-23T12:00:00Z');
  secrets: Secret[] = [];
  /** Secrets that were there before Rekey and are none of its business. */
  foreign = new Set<string>();
  #underWay: { at: number; target: Target; slot: 'primary' | 'next'; value: string }[] = [];
  readonly targets = new Map<string, Target>();
  /** Somebody whom no binding knows uses the first secret for as long as it works. */
  straggler: string | null = null;
  readonly issuer: IssuerTraits;
  #minted = 0;

  constructor(issuer: IssuerTraits) {
    this.issuer = issuer;
  }

  pass(seconds: number): void {
    this.now += seconds * 1000;
    for (const { target, slot, value } of this.#underWay.filter(({ at }) => at <= this.now)) {
      target[slot] = value;
    }
    this.#underWay = this.#underWay.filter(({ at }) => at > this.now);
  }

  /** The target takes it at once, or says so and takes it a little later. */
  put(target: Target, slot: 'primary' | 'next', value: string, isSlow: boolean): void {
    this.#underWay = this.#underWay.filter((one) => one.target !== target || one.slot !== slot);
    if (isSlow) {
      this.#underWay.push({ at: this.now + SLOW_SECONDS * 1000, target, slot, value });
    } else {
      target[slot] = value;
    }
  }

  live(): Secret[] {
    return this.secrets.filter((secret) => secret.endsAt > this.now);
  }

  accepts(value: string | null): boolean {
    return this.live().some((secret) => secret.value === value);
  }

  /** Where one secret is held it takes the place of the one before; the same chosen value is set only once. */
  mint({ tag, value, previousEndsAt }: Wish): Secret {
    const same = this.live().find((secret) => secret.value === value);
    if (same !== undefined) {
      return same;
    }
    const { maxLive, graced, list } = this.issuer;
    // An issuer with a list does not refuse here, so that a rule that asks for too many is seen.
    if (maxLive > 1 && !list && this.live().length >= maxLive) {
      throw new NoSlot();
    }
    this.#minted += 1;
    const name = `secret-${this.#minted}`;
    const secret = { id: name, value: value ?? `value of ${name}`, tag, endsAt: Number.POSITIVE_INFINITY };
    if (maxLive === 1) {
      this.secrets = [];
    } else if (graced && previousEndsAt !== null) {
      for (const other of this.live().filter(({ id }) => !this.foreign.has(id))) {
        other.endsAt = Math.min(other.endsAt, previousEndsAt);
      }
    }
    this.secrets.push(secret);
    return secret;
  }

  revoke(id: string): void {
    this.secrets = this.secrets.filter((secret) => secret.id !== id);
  }

  target(id: string | null): Target {
    const target = this.targets.get(id ?? '');
    if (target === undefined) {
      throw new Error(`The model has no target ${id}.`);
    }
    return target;
  }
}
