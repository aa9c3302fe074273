import type { Server } from '#cli/apply/server.ts';
import type { Path, Source } from '#cli/apply/source.ts';
import type { Faults, Line, Values } from '#cli/apply/values.ts';

/** Name to id, of what is there and of what was made meanwhile. */
export interface Ids {
  readonly issuers: Map<string, string>;
  readonly targets: Map<string, string>;
  readonly policies: Map<string, string>;
  readonly credentials: Map<string, string>;
}

/** What is sent for a change. */
export interface Sent {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Lays the values of secrets beside those that stand in the file. */
export type Open = (values: Values) => Record<string, unknown>;

/** One thing that is otherwise than the file says. */
export interface Change {
  readonly action: 'create' | 'change' | 'differs';
  readonly what: 'issuer' | 'target' | 'policy' | 'credential' | 'binding' | 'policy of';
  readonly name: string;
  readonly path: Path;
  readonly lines: readonly Line[];
  /** What is read from elsewhere for it. */
  readonly values: readonly Values[];
  /** None where it cannot be changed: it only differs. */
  readonly send?: (ids: Ids, open: Open) => Sent;
  /** Where the id of what it makes is kept. */
  readonly makes?: keyof Ids;
}

/** What a plan is made from. */
export interface Planning {
  readonly source: Source;
  readonly server: Server;
  /** Secrets of issuers and targets that are there are given again. */
  readonly renews: boolean;
  readonly faults: Faults;
}

/** The id of what a file names, which a plan has made sure of. */
export function idOf(ids: ReadonlyMap<string, string>, name: string): string {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`${name} was to be there by now.`);
  return id;
}
