import { type Reference, referenceIn } from '#cli/apply/reference.ts';
import type { FormField } from '#cli/apply/server.ts';
import type { Path, Source } from '#cli/apply/source.ts';

/** A value that is read when it is sent. */
export interface Secret {
  readonly path: Path;
  readonly reference: Reference;
}

/** A config or a place, or the fields of a credential: what stands in the file, and what does not. */
export interface Values {
  readonly plain: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, Secret>>;
}

/** Collects what is wrong, so that all of it is told at once. */
export type Faults = string[];

const literal = (source: Source, path: Path) =>
  `${source.at(path)}: ${path.join('.')} is a secret, and a secret does not stand in this file. Write { env: NAME } or { file: PATH }.`;

/** Separates a config or a place by its form. What is wrong is told with its place, and no value. */
export function valuesOf(
  source: Source,
  faults: Faults,
  path: Path,
  form: readonly FormField[],
  given: Readonly<Record<string, unknown>>,
): Values {
  const plain: Record<string, unknown> = {};
  const secrets: Record<string, Secret> = {};
  const known = new Map(form.map((field) => [field.name, field]));
  for (const [name, value] of Object.entries(given)) {
    const here = [...path, name];
    const type = known.get(name)?.type;
    const reference = referenceIn(value);
    if (type === undefined) {
      faults.push(
        `${source.at(here)}: ${here.join('.')} is not known here. There are ${[...known.keys()].join(', ')}.`,
      );
    } else if (type !== 'secret' && reference !== null) {
      faults.push(`${source.at(here)}: ${here.join('.')} is no secret. Write it as it is.`);
    } else if (type !== 'secret') {
      plain[name] = value;
    } else if (reference === null) {
      faults.push(literal(source, here));
    } else {
      secrets[name] = { path: here, reference };
    }
  }
  const missing = form.filter(({ name, required }) => required && given[name] === undefined);
  for (const { name } of missing) faults.push(`${source.at(path)}: ${[...path, name].join('.')} is missing.`);
  return { plain, secrets };
}

/** The fields of a credential: its secret is read from elsewhere, the others may be. */
export function fieldsOf(
  source: Source,
  faults: Faults,
  path: Path,
  secretField: string,
  given: Readonly<Record<string, unknown>>,
): Values {
  const plain: Record<string, unknown> = {};
  const secrets: Record<string, Secret> = {};
  for (const [name, value] of Object.entries(given)) {
    const here = [...path, name];
    const reference = referenceIn(value);
    if (reference !== null) secrets[name] = { path: here, reference };
    else if (name === secretField) faults.push(literal(source, here));
    else if (typeof value === 'string') plain[name] = value;
    else faults.push(`${source.at(here)}: ${here.join('.')} is a text. Write it in quotes.`);
  }
  return { plain, secrets };
}

/** In one form, in which what means the same is the same. */
function settled(value: unknown): unknown {
  if (typeof value === 'string') return value.trim() === '' ? null : value.trim();
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(settled);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const pairs = Object.entries(value).map(([name, part]) => [name, settled(part)] as const);
  return Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A value for a person; null for none. */
export function told(value: unknown): string | null {
  const one = settled(value);
  return one === null || typeof one === 'string' ? one : JSON.stringify(one);
}

/** One field of what is to be changed. */
export interface Line {
  readonly field: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** What is otherwise at the server, of the fields that are named. */
export function linesBetween(
  names: readonly string[],
  there: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
  prefix = '',
): Line[] {
  return names
    .map((name) => ({ field: `${prefix}${name}`, from: told(there[name]), to: told(wanted[name]) }))
    .filter(({ from, to }) => from !== to);
}

const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;

/** What a form would hold: what is given, and what is usual for the rest, also for a list that is empty. */
export function withUsual(form: readonly FormField[], { plain }: Values): Record<string, unknown> {
  const usual = form.map(({ name, default: value }) => [name, value] as const);
  const given = Object.entries(plain).filter(([, value]) => !isEmptyList(value));
  return Object.fromEntries([...usual, ...given]);
}

/** The names of a form's fields that are no secrets. */
export const openNames = (form: readonly FormField[]) =>
  form.filter(({ type }) => type !== 'secret').map(({ name }) => name);
