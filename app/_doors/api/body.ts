import type { z } from 'zod';
import { HttpProblem } from '#app/_doors/api/problem.ts';
import { faultsInWords, readInput } from '#lib/faults.ts';
import { Problem } from '#lib/problem.ts';

/** No request needs more: the largest are files of values to import. */
export const BODY_BYTES = 1024 * 1024;

const tooLarge = () =>
  new HttpProblem(
    413,
    'too_large',
    `A request has at most ${BODY_BYTES / 1024} KiB here. Nothing was changed; send less at a time.`,
    // What is left of it is not read.
    { connection: 'close' },
  );

/** The text of a body, read no further than the limit. */
async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES) {
    throw tooLarge();
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_BYTES) {
      throw tooLarge();
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const notJson = () =>
  new Problem(400, 'bad_json', 'The body is not JSON in UTF-8. Nothing was changed; send one JSON object.');

/** Postgres stores neither, in no text and no JSON. */
const isUnstorable = (text: string) => text.includes('\0') || /\p{Surrogate}/u.test(text);

/** The path of a text that cannot be stored; null where there is none. */
function findUnstorable(value: unknown, path: readonly string[] = []): string | null {
  if (typeof value === 'string') {
    return isUnstorable(value) ? path.join('.') : null;
  }
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  for (const [name, part] of Object.entries(value)) {
    const found = isUnstorable(name) ? path.join('.') : findUnstorable(part, [...path, name]);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

/** Deeper than anything that is asked for, and far less than what a stack takes. */
const DEEPEST = 32;

function isTooDeep(value: unknown, left = DEEPEST): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (left === 0 || Object.values(value).some((part) => isTooDeep(part, left - 1)))
  );
}

/** A body's text and what it says; an empty one says nothing. Throws a problem: 400, 413 or 415. */
export async function readBody(request: Request): Promise<{ text: string; value: unknown }> {
  const type = request.headers.get('content-type');
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity' || (type !== null && !/^application\/json\s*(;|$)/i.test(type))) {
    const sentence = 'A body is sent as application/json, not compressed. Nothing was changed.';
    throw new HttpProblem(415, 'unsupported_media_type', sentence, { accept: 'application/json' });
  }
  let text = '';
  try {
    text = await readText(request);
    if (text !== '' && type === null) {
      throw new HttpProblem(415, 'unsupported_media_type', 'Say that the body is application/json.');
    }
    const value: unknown = text === '' ? {} : JSON.parse(text);
    if (isTooDeep(value)) {
      throw notJson();
    }
    return { text, value };
  } catch (error) {
    throw error instanceof SyntaxError || error instanceof TypeError ? notJson() : error;
  }
}

/** Checks a part of a request. Throws a `Problem` with a sentence for each field at fault. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const unstorable = findUnstorable(value);
  if (unstorable !== null) {
    const sentence = 'Texts hold no NUL and no half of a surrogate pair.';
    throw new Problem(400, 'bad_input', `${sentence} Nothing was changed.`, {}, { [unstorable]: sentence });
  }
  const { data, faults } = readInput(schema, value);
  if (faults !== null) {
    throw new Problem(400, 'bad_input', `${faultsInWords(faults)} Nothing was changed.`, {}, faults);
  }
  return data;
}

/** The parts of an address after the question mark, each named once. */
export function readQuery(search: URLSearchParams): Record<string, string> {
  const names = [...search.keys()];
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice !== undefined) {
    const sentence = 'It is given twice.';
    throw new Problem(400, 'bad_input', `${twice}: ${sentence}`, {}, { [twice]: sentence });
  }
  return Object.fromEntries(search);
}
