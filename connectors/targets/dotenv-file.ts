import { parseEnv } from 'node:util';
import { ConnectorError } from '#connectors/contract.ts';

/**
 * One `KEY=value` of a file. `start` and `end` bound the value in the text, quotes included; its lines begin at `from`.
 */
interface Assignment {
  readonly key: string;
  readonly value: string;
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

type Value = Omit<Assignment, 'key' | 'from'>;

const BLANK_OR_COMMENT = /^[ \t]*(#.*)?\r?$/;
const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=/;
const KEY = /^[A-Za-z_][\w.-]*$/;
/** What every reader of env files takes literally without quotes. */
const PLAIN = /^[\w./:@%+=,~-]*$/;

/**
 * The values of an env file as Node's `util.parseEnv` reads it; of a key that is there twice, the last.
 * Throws `ConnectorError` never, naming `file` and the line, where it is not made of assignments, comments and
 * blank lines.
 */
export function readEntries(text: string, file = 'the file'): Map<string, string> {
  return new Map(assignments(text, file).map(({ key, value }) => [key, value]));
}

/**
 * The text with the entries set. Everything else stays byte for byte: other keys, comments, order, blank
 * lines, `export`, line ends, a missing last line end. A key that is there twice is set in both places, so
 * that readers that take the first and readers that take the last agree; a new key goes to the end.
 */
export function withEntries(text: string, entries: ReadonlyMap<string, string>, file = 'the file'): string {
  const present = new Set<string>();
  let result = '';
  let copied = 0;
  for (const { key, start, end } of assignments(text, file)) {
    const value = entries.get(key);
    if (value === undefined) continue;
    present.add(key);
    result += text.slice(copied, start) + written(key, value);
    copied = end;
  }
  result += text.slice(copied);
  const lineEnd = /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
  for (const [key, value] of entries) {
    if (present.has(key)) continue;
    const line = `${key}=${written(key, value)}`;
    result += result === '' || result.endsWith('\n') ? line + lineEnd : lineEnd + line;
  }
  return result;
}

/**
 * The text without the lines of these keys, wherever they stand; a comment at the end of such a line goes with it.
 * Everything else stays byte for byte, so that setting a new key and taking it away gives the text that was there.
 */
export function withoutEntries(text: string, keys: ReadonlySet<string>, file = 'the file'): string {
  let result = '';
  let copied = 0;
  for (const { key, from, end } of assignments(text, file)) {
    if (!keys.has(key)) continue;
    result += text.slice(copied, from);
    copied = Math.min(lineEndAt(text, end) + 1, text.length);
  }
  const isLastLineGone = copied === text.length && copied > 0;
  // The line end before a last line without one came with that line.
  if (isLastLineGone && !text.endsWith('\n')) return result.replace(/\r?\n$/, '');
  return result + text.slice(copied);
}

function assignments(text: string, file: string): Assignment[] {
  const found: Assignment[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    const line = text.slice(at, lineEndAt(text, at));
    if (BLANK_OR_COMMENT.test(line)) {
      at += line.length + 1;
      continue;
    }
    const [head, key] = ASSIGNMENT.exec(line) ?? [];
    if (head === undefined || key === undefined) {
      throw malformed(file, text, at, 'is neither KEY=value nor a comment');
    }
    const value = valueAt(file, text, at + head.length);
    found.push({ key, from: at, ...value });
    at = lineEndAt(text, value.end) + 1;
  }
  return found;
}

function valueAt(file: string, text: string, afterEquals: number): Value {
  const line = text.slice(afterEquals, lineEndAt(text, afterEquals)).replace(/\r$/, '');
  const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0;
  const quote = line[indent];
  if (quote === '"' || quote === "'" || quote === '`')
    return quotedAt(file, text, afterEquals + indent, quote);
  if (line.includes('\r')) throw malformed(file, text, afterEquals, 'holds a carriage return in the middle');
  const value = line.replace(/#.*$/, '').trim();
  const kept = /[ \t]+(#.*)?$/.exec(line)?.index ?? line.length;
  const comment = /[ \t]+#/.exec(line)?.index ?? kept;
  const length = Math.min(kept, comment);
  const start = afterEquals + Math.min(indent, length);
  return { value, start, end: afterEquals + length };
}

function quotedAt(file: string, text: string, start: number, quote: string): Value {
  const close = text.indexOf(quote, start + 1);
  if (close === -1) throw malformed(file, text, start, 'opens a quote that is never closed');
  const inside = text.slice(start + 1, close).replaceAll('\r', '');
  const rest = text.slice(close + 1, lineEndAt(text, close)).replace(/\r$/, '');
  const clean = /^([ \t]+#.*|[ \t]*)$/.test(rest);
  return {
    value: quote === '"' ? inside.replaceAll('\\n', '\n') : inside,
    start,
    end: clean ? close + 1 : close + 1 + rest.length,
  };
}

/** The value in the first form that this reader and Node's both read back unchanged. */
function written(key: string, value: string): string {
  if (!KEY.test(key))
    throw new ConnectorError(`"${key}" cannot be a key of an env file. Choose another key.`, 'never');
  const forms = [...(PLAIN.test(value) ? [value] : []), `'${value}'`, `"${value}"`, `\`${value}\``];
  const form = forms.find((text) => isReadAs(text, value));
  if (form !== undefined) return form;
  const sentence = `The value for ${key} cannot be written to an env file so that it is read back unchanged. Nothing was written.`;
  throw new ConnectorError(sentence, 'never');
}

function isReadAs(form: string, value: string): boolean {
  if (value.includes('\0') || Buffer.from(value).toString() !== value) return false;
  const line = `K=${form}\n`;
  try {
    const [first, ...more] = assignments(line, 'the line');
    return more.length === 0 && first?.value === value && parseEnv(line).K === value;
  } catch {
    return false;
  }
}

function lineEndAt(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found === -1 ? text.length : found;
}

function malformed(file: string, text: string, at: number, what: string): ConnectorError {
  const number = text.slice(0, at).split('\n').length;
  return new ConnectorError(
    `Line ${number} of ${file} ${what}. Correct the file; nothing was written.`,
    'never',
  );
}
