import type { z } from 'zod';

/** One fault of an input, and where it is. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
  /** The field is none of the schema's. */
  readonly isUnknown: boolean;
}

/** What is at fault with an input: a sentence for each field, by its path such as `config.baseUrl`; '' is the input as a whole. */
export type Faults = Readonly<Record<string, string>>;

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const forms: Readonly<Record<string, string>> = {
  uuid: 'an id such as 01a22254-94c0-758c-898a-63c0ea2fa2cd',
  url: 'an address such as https://example.com',
  datetime: 'an instant in UTC such as 2026-11-28T09:30:00Z',
  date: 'a day such as 2026-11-28',
  email: 'an e-mail address',
};

/** Stands for alternatives that have no sentence of their own; then the one that fits best speaks. */
const FITS_NONE = 'It is none of what it takes.';

const shown = (value: unknown) =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));

/** Says how much a text, list or number has to be; `edge` is "at least" or "at most". */
function amount(origin: string, edge: 'at least' | 'at most', limit: number | bigint): string {
  if (origin === 'string') return `It takes ${edge} ${limit} ${limit === 1 ? 'character' : 'characters'}.`;
  if (origin === 'number' || origin === 'int') return `It takes a number of ${edge} ${limit}.`;
  return `It takes ${edge} ${limit === 1 ? 'one' : limit}.`;
}

/** A sentence for what a schema says no sentence of its own to; undefined leaves Zod's. */
const sentenceFor: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'It is missing.';
      return `It takes ${kinds[issue.expected] ?? issue.expected}.`;
    case 'invalid_value':
      if (issue.input === undefined) return 'It is missing.';
      return `It takes ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(shown).join(', ')}.`;
    case 'invalid_format': {
      const form = forms[issue.format];
      return form === undefined ? undefined : `It takes ${form}.`;
    }
    case 'too_small':
      return amount(issue.origin, 'at least', issue.minimum);
    case 'too_big':
      return amount(issue.origin, 'at most', issue.maximum);
    case 'unrecognized_keys':
      return 'There is no such field.';
    case 'invalid_union':
      return FITS_NONE;
    default:
      return undefined;
  }
};

/** The issues of the alternative that fits best: the one with the fewest. */
function fewest(alternatives: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  return [...alternatives].sort((a, b) => a.length - b.length)[0] ?? [];
}

function listFaults(issues: readonly z.core.$ZodIssue[], under: readonly PropertyKey[]): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = [...under, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key], sentence: issue.message, isUnknown: true }));
    }
    const isMute = issue.code === 'invalid_union' && issue.message === FITS_NONE;
    const within = isMute ? listFaults(fewest(issue.errors), path) : [];
    return within.length > 0 ? within : [{ path, sentence: issue.message, isUnknown: false }];
  });
}

type Read<Data, Found> =
  | { readonly data: Data; readonly faults: null }
  | { readonly data: null; readonly faults: Found };

/** As `readInput`, with each fault by itself, for inputs whose names may have dots in them. */
export function readWithPaths<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): Read<z.output<Schema>, readonly Fault[]> {
  const result = schema.safeParse(input, { error: sentenceFor });
  return result.success
    ? { data: result.data, faults: null }
    : { data: null, faults: listFaults(result.error.issues, []) };
}

/** Checks an input. Where it does not fit, each field at fault has a sentence: the schema's own, or a common one. */
export function readInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): Read<z.output<Schema>, Faults> {
  const { data, faults } = readWithPaths(schema, input);
  if (faults === null) return { data, faults };
  const first: Record<string, string> = {};
  // The first fault of a field is the one that is told: a later one often follows from it.
  for (const { path, sentence } of faults) first[path.join('.')] ??= sentence;
  return { data: null, faults: first };
}

/** All faults in one line, each with its field. */
export function faultsInWords(faults: Faults): string {
  return Object.entries(faults)
    .map(
      ([field, sentence]) =>
        `${field === '' ? 'The input' : field}: ${/[.!?]$/.test(sentence) ? sentence : `${sentence}.`}`,
    )
    .join(' ');
}
