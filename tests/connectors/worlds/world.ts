import type { Fields } from '#connectors/contract.ts';

/** The other side of a connector, on loopback or in a temporary folder. */
export interface World {
  /** As an operator enters them. */
  readonly config: unknown;
  readonly place: unknown;
  readonly fileRoots?: string[];
  /** Makes the other side refuse the sign-in or the permission that is stored. Left out where none is. */
  readonly refuse?: () => Promise<void>;
  /** Takes the other side out of order. */
  readonly breakDown: () => Promise<void>;
  /** Values that no error may hold. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

export interface IssuerWorld extends World {
  /** Fields with which a sign-in succeeds now. */
  readonly working: Fields;
  /** What the issuer calls that secret. There where two can be live. */
  readonly initial?: string;
  /** `issue` connects or reads before it changes anything, so a system that is out of order from the start is `later`. */
  readonly asksBeforeIssuing?: true;
  /** The place joins several things of the issuer, so that `browse` cannot know of it. */
  readonly madeUp?: true;
  /** Nobody can refuse a sign-in, because no system knows the secret but its consumers. */
  readonly refusesNothing?: true;
}

export interface TargetWorld extends World {
  /** Everything at the target that is not the given key of the slot `primary`, to be compared. */
  neighbours(key: string): Promise<string>;
  /** What this target calls the keys of the suite, where its names are made of other characters. */
  readonly nameOf?: (key: 'SECRET' | 'CLIENT_ID' | 'SIBLING') => string;
  /** The value a key has there. There where the connector itself cannot read it back. */
  readonly storedAt?: (key: string) => Promise<string | undefined>;
  /** Fetches both slots as a consumer does, and tells whether it uses the primary one. There where `can.readBack` is `fetched`. */
  readonly fetch?: (reports: boolean) => Promise<void>;
  /** Ends every redeployment that is running, well or badly. There where `can.redeploy` is `call`. */
  readonly endRedeploys?: (well: boolean) => Promise<void>;
}
