import type { ParseArgsConfig } from 'node:util';

export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** One command of `rekey`. `words` is what a person types; what follows those words are its operands. */
export interface Command {
  readonly words: readonly string[];
  /** How many operands it takes at most; more are refused. */
  readonly operands: number;
  /** Its operands stand after `--`, where nothing is read as an option; others are refused. */
  readonly afterDashes?: true;
  /** The exit code where it was typed wrong, which is 1 where nothing is said. */
  readonly typedWrong?: number;
  /** The lines of the help text, the first one being how it is typed. */
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  run(operands: readonly string[], values: Values): Promise<void>;
}

/** An option's text; undefined where it was not given. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** All texts of an option that may be given several times. */
export function textsOf(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
