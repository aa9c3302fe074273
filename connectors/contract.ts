import { z } from 'zod';
import type { Http } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** The named values of one secret version, for example `{ clientId, clientSecret }`. */
export type Fields = Readonly<Record<string, Plaintext>>;

/** What goes to a target: its own key names, each with the value it shall hold. */
export type Entries = Readonly<Record<string, Plaintext>>;

/**
 * A config or place field that holds a secret. Parsing gives a `Plaintext`; forms draw it write-only,
 * and storage seals it apart from the rest. The mark sits on the text that is entered, so that it stays in the JSON
 * schema of the input whatever is added behind it (`refine`, `optional`, `meta`).
 */
export function secretText() {
  return z
    .string()
    .min(1)
    .meta({ secret: true })
    .transform((value) => new Plaintext(value));
}

/** Everything a connector may use during one call. It has no environment and keeps no state. */
export interface Call<Config, Place> {
  readonly config: Config;
  readonly place: Place;
  /** The credential or binding that has this place, by its id; null before anything was picked. */
  readonly placedId: string | null;
  /** The secret version this call is about; null for calls that concern none (`check`, `browse`). */
  readonly versionId: string | null;
  readonly http: Http;
  /** For drivers that open their own sockets: the address, already checked by the guard. */
  resolve(host: string, port: number): Promise<{ address: string; port: number; servername: string }>;
  readonly signal: AbortSignal;
  /**
   * A value that is costly to get and may be kept for a while, such as an access token for the vendor's API. It is
   * made when it is missing or has under a minute to live, and kept in this process only, for this configured system;
   * an error with `because: 'permission'` ends that.
   */
  remember(name: string, make: () => Promise<{ value: Plaintext; seconds: number }>): Promise<Plaintext>;
  /** Folders that file targets may write under (REKEY_FILE_ROOTS). Empty where there are none. */
  readonly fileRoots: readonly string[];
  /** Rekey's own data folder. No target may write in it, whatever the roots are. */
  readonly dataDir: string;
}

/**
 * The only error a connector throws. Its message is shown to people: it names what happened and what
 * to do, and never holds a secret.
 *
 * `later`: nothing changed outside, the same call may succeed later. `never`: it will not succeed
 * until somebody changes something. `unknown`: the call may or may not have taken effect.
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly retry: 'later' | 'never' | 'unknown';
  readonly because: 'permission' | 'conflict' | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** The field of the place that has to be another one, where it is one: forms show the sentence there. */
  readonly field: string | undefined;

  constructor(
    message: string,
    retry: 'later' | 'never' | 'unknown',
    detail: {
      because?: 'permission' | 'conflict';
      retryAfterSeconds?: number;
      field?: string;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: detail.cause });
    this.retry = retry;
    this.because = detail.because;
    this.retryAfterSeconds = detail.retryAfterSeconds;
    this.field = detail.field;
  }
}

/** What an issuer's API can do. Strategies follow from this, never from the brand. */
export interface IssuerCan {
  /** How many secrets of one credential can work at the same time. */
  maxLive: number;
  /** `explicit`: the old one works until revoked. `graced`: the issuer ends it at a known time. `none`: replaced at once. */
  overlap: 'explicit' | 'graced' | 'none';
  /**
   * What a roll-back finds where `overlap` is `graced`. `old stays`: revoking the new secret makes the old one permanent again.
   * `none`: the newest secret cannot be revoked, so there is no way back once it is issued. Left out: the new one can be
   * revoked, and the old one ends at its time all the same.
   */
  wayBack?: 'old stays' | 'none';
  /** The caller may choose the secret's value, so a lost answer can be replayed. */
  chosenValue: boolean;
  readBack: boolean;
  list: boolean;
  /** What it lists carries the tag that `issue` was given, so that the secret of a lost answer is known as ours. */
  tags: boolean;
  expiry: boolean;
  reversibleRevoke: boolean;
  revokeNeedsValue: boolean;
  usageSignal: boolean;
  /** Seconds until every node of the issuer knows of a change. */
  propagationSeconds: number;
  /** How many sign-ins with a dead secret the issuer tolerates before it locks; `none`: never try one. */
  failedSignIns: number | 'none';
}

/** How much one system is asked at most. `core/outside` keeps to it. */
export interface Limits {
  /** Steps of rotations that ask at the same time. What one step asks, for example for several bindings, counts as one. */
  readonly concurrency?: number;
  /** Calls in any minute. A step begins while there is one left, and makes all of its calls. */
  readonly perMinute?: number;
  /**
   * The config field by which several configured systems are one at the other side, such as its tenant: all that have the
   * same value share the limits. Left out: each configured system has its own.
   */
  readonly per?: string;
}

export interface Issued {
  externalId: string;
  fields: Fields;
  /** A public part of the secret that people can match with the issuer's own screen. */
  hint?: string;
  expiresAt?: Date;
  /** When the previous secret stops working, where the issuer says so. */
  previousEndsAt?: Date;
  /** New secrets of the place itself, for example a rotated registration token. Sealed in the same commit. */
  placeSecrets?: Fields;
}

/** What a chosen value is made of: `length` letters of the alphabet, between a prefix and a suffix that are always the same. */
export interface ChosenValue {
  readonly alphabet: string;
  readonly length: number;
  readonly prefix?: string;
  readonly suffix?: string;
}

/** What the engine asks of `issue`. `chosen` is given where the issuer takes a chosen value. */
export interface IssueWish {
  rotationId: string;
  /** The value to set, where `can.chosenValue`. Setting the same one again is harmless. */
  chosen?: Plaintext;
  /** When the issuer shall end the previous secret, where `can.overlap` is `graced`. */
  previousEndsAt?: Date;
}

/** One credential that the issuer has, to be picked from when credentials are added. */
export interface Browsed {
  /** The place as an operator would enter it. */
  place: Readonly<Record<string, unknown>>;
  label: string;
  secrets: readonly ListedSecret[];
}

export interface ListedSecret {
  externalId: string;
  tag?: string;
  createdAt: Date | null;
  lastUsedAt: Date | null;
}

/** What the connector was last seen to work against. A fake is written from the vendor's documentation. */
export interface Proven {
  readonly against: 'real server' | 'documented fake';
  /** For example `MariaDB 10.11.19`, or the version of the API that was documented. */
  readonly what: string;
  /** Day of the last run, as YYYY-MM-DD. */
  readonly on: string;
}

type CallOf<Config extends z.ZodObject, Place extends z.ZodObject> = Call<z.output<Config>, z.output<Place>>;

/** A configured system that mints and revokes secrets. */
export interface IssuerConnector<
  Config extends z.ZodObject = z.ZodObject,
  Place extends z.ZodObject = z.ZodObject,
> {
  readonly kind: string;
  readonly title: string;
  /** Other names by which people look for it: the vendor's, short forms, what it holds. Not what the title says already. */
  readonly aliases?: readonly string[];
  readonly docs: string;
  /** What the stored sign-in must be allowed to do, in the other side's own words. */
  readonly needs: string;
  readonly proven: Proven;
  readonly config: Config;
  readonly place: Place;
  /** Which of the issued fields is the secret: its fingerprint names the version. */
  readonly secretField: string;
  /** True of the real API for this config and place; `docs` cites it. */
  can(config: z.output<Config>, place: z.output<Place>): IssuerCan;
  /** Reachable and permitted. The error names what is missing. */
  check(call: CallOf<Config, Place>): Promise<void>;
  /** Mints a secret, tagged with the rotation where the issuer keeps tags. Left out where there is no API: rotations are then assisted. */
  issue?(call: CallOf<Config, Place>, wish: IssueWish): Promise<Issued>;
  /** Signs in with the fields. Judged by the issuer's error code, not by the status alone. */
  verify(call: CallOf<Config, Place>, fields: Fields): Promise<'accepted' | 'rejected' | 'unknown'>;
  /**
   * Succeeds when the secret is already gone; no other error means "gone". Left out together with `issue`, and where
   * the issuer itself ends the old secret when the next one comes (`can.overlap` is `none`).
   */
  revoke?(call: CallOf<Config, Place>, externalId: string, fields?: Fields): Promise<void>;
  listSecrets?(call: CallOf<Config, Place>): Promise<ListedSecret[]>;
  readBack?(call: CallOf<Config, Place>, externalId: string): Promise<Fields>;
  /** The alphabet and length of values that `issue` takes as `chosen`. There where `can.chosenValue`. */
  chosen?(config: z.output<Config>, place: z.output<Place>): ChosenValue;
  /**
   * No other system knows its secrets: `issue` changes nothing anywhere and takes a chosen value, so the first one can be made when a
   * credential is added. Only their targets hold them.
   */
  readonly standsAlone?: true;
  readonly limits?: Limits;
  /** What the issuer has, at most some hundreds, where its API can list it. */
  browse?(call: Call<z.output<Config>, null>): Promise<Browsed[]>;
  /** What a person does where there is no API: the vendor's page and the steps on it. */
  task?(config: z.output<Config>, place: z.output<Place>): { link: string; steps: string[] };
}

/** `primary` is what consumers use; `next` lies beside it and is used once `primary` is refused. */
export type Slot = 'primary' | 'next';

export interface TargetCan {
  /** `fetched`: consumers fetch from it; `confirm` is `unknown` until all have, and `adopted` knows what they report. */
  readBack: 'value' | 'digest' | 'fetched' | 'none';
  redeploy: 'automatic' | 'call' | 'none';
  compareAndSet: boolean;
  /** It can hold a value in the slot `next` beside the one in use. */
  holdsNext: boolean;
  /** How long a delivery usually takes until the consumer can read it. Used for the first gap estimate. */
  typicalSeconds: number;
}

/** A configured system that needs the secret. Only the given keys are written; neighbours are never touched. */
export interface TargetConnector<
  Config extends z.ZodObject = z.ZodObject,
  Place extends z.ZodObject = z.ZodObject,
> {
  readonly kind: string;
  readonly title: string;
  /** Other names by which people look for it: the vendor's, short forms, what it holds. Not what the title says already. */
  readonly aliases?: readonly string[];
  readonly docs: string;
  /** What the stored sign-in must be allowed to do, in the other side's own words. */
  readonly needs: string;
  readonly proven: Proven;
  readonly config: Config;
  readonly place: Place;
  readonly limits?: Limits;
  can(config: z.output<Config>, place: z.output<Place>): TargetCan;
  /** Reachable and writable. The error names what is missing. */
  check(call: CallOf<Config, Place>): Promise<void>;
  /** Writes the entries. Sending the same again is harmless. */
  deliver(call: CallOf<Config, Place>, entries: Entries, slot: Slot): Promise<void>;
  /** `live`: the slot holds exactly these entries. `pending`: it holds others. `unknown`: it cannot tell. */
  confirm(call: CallOf<Config, Place>, entries: Entries, slot: Slot): Promise<'live' | 'pending' | 'unknown'>;
  /** Whether all consumers have reported that they use the entries of the slot `primary`. There where `can.readBack` is `fetched`. */
  adopted?(call: CallOf<Config, Place>, entries: Entries): Promise<boolean>;
  /** Takes the keys of a slot away; succeeds where they are gone already. There where `can.holdsNext`. */
  remove?(call: CallOf<Config, Place>, keys: readonly string[], slot: 'next'): Promise<void>;
  /** Whether the slot `next` holds none of these keys. Left out where the target cannot tell that from other values. */
  isEmpty?(call: CallOf<Config, Place>, keys: readonly string[]): Promise<boolean>;
  redeploy?(call: CallOf<Config, Place>): Promise<string>;
  redeployState?(call: CallOf<Config, Place>, ref: string): Promise<'running' | 'done' | 'failed'>;
}

/** Something people want to know, as it is sent to them. It never holds a secret. */
export interface Notice {
  readonly id: string;
  /** What happened, as a machine reads it: `rotation_held`. */
  readonly kind: string;
  /** One line: which credential or issuer, and what. */
  readonly title: string;
  /** The cause and what to do next, in sentences. */
  readonly detail: string;
  /** The page in the console that shows it. */
  readonly url: string;
  readonly at: Date;
}

/** A configured way to reach people. */
export interface NotifierConnector<Config extends z.ZodObject = z.ZodObject> {
  readonly kind: string;
  readonly title: string;
  readonly docs: string;
  readonly needs: string;
  readonly proven: Proven;
  readonly config: Config;
  readonly limits?: Limits;
  /** Sends one message about all of them. Throws `ConnectorError` as every connector does. */
  send(call: Call<z.output<Config>, null>, notices: readonly Notice[]): Promise<void>;
}
