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
}

export interface TargetWorld extends World {
  /** Everything at the target that is not the given key of the slot `primary`, to be compared. */
  neighbours(key: string): Promise<string>;
}
