import { z } from 'zod';
import { parseJson } from '#connectors/exchange.ts';
import type { HttpRequest } from '#lib/http.ts';

/*
 * Requests as an operator writes them: a line with method and path, headers, an empty line, a body. Placeholders such as
 * {{place.name}} are filled with values encoded for where they stand. Bodies are parsed before they are filled, so
 * that no value can become anything but a value.
 */

type Method = HttpRequest['method'];
export type Body =
  | { readonly form: 'json'; readonly value: unknown }
  | { readonly form: 'pairs'; readonly pairs: readonly (readonly [string, string])[] }
  | { readonly form: 'text'; readonly text: string };

export interface Template {
  readonly method: Method;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, text: string])[];
  readonly body: Body | null;
}

/** What a request is for: which methods it may have and which placeholders are known there. */
export interface Purpose {
  readonly methods: readonly Method[];
  readonly known: readonly string[];
}

export const changing: readonly Method[] = ['POST', 'PUT', 'PATCH', 'DELETE'];
export const asking: readonly Method[] = ['GET', 'POST'];

export const PLACEHOLDER = /\{\{([A-Za-z][A-Za-z.]*)(\|base64)?\}\}/g;
/** These stand for a whole JSON value, alone in quotes. */
export const WHOLE = /^\{\{(entries|keys)\}\}$/;
const SECRET = /^(secret\..*|chosen|value|entries|field\.clientSecret)$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Headers that are the connection's own. */
const OWN = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'te', 'upgrade', 'expect']);

class Fault extends Error {}

/** A form field for a request. What is wrong with it is said in a sentence when it is saved. */
export function requestText(title: string, description: string, purpose: Purpose) {
  const names = purpose.known.map((name) => `{{${name}}}`).join(', ');
  return z
    .string()
    .max(10_000)
    .superRefine((text, context) => {
      try {
        parse(text, purpose);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
      }
    })
    .meta({ title, description: `${description} Placeholders: ${names}.`, lines: true });
}

/** Whether a request that was saved sends this. */
export function sends(text: string | undefined, name: string): boolean {
  return [...(text ?? '').matchAll(PLACEHOLDER)].some(([, found]) => found === name);
}

/** Throws for a form that nobody has filled in: what the system can do depends on what is entered. */
export function requireEntered(text: string | undefined): void {
  if (text === undefined) throw new Error('No request is entered yet.');
}

/** A request in its parts. Throws a fault where it is none; saving has seen to that. */
export function parse(text: string, { methods, known }: Purpose): Template {
  const [first = '', ...rest] = text.replaceAll('\r\n', '\n').trim().split('\n');
  const [, method, path] = /^([A-Z]+) (\S+)$/.exec(first.trim()) ?? [];
  const allowed = methods.find((one) => one === method);
  if (allowed === undefined || path === undefined)
    throw new Fault(
      `The first line must be ${methods.join(' or ')} and a path, such as ${methods[0]} /secrets/{{place.name}}.`,
    );
  requirePath(path, known);
  const end = rest.findIndex((line) => line.trim() === '');
  const headers = (end === -1 ? rest : rest.slice(0, end)).map((line) => parseHeader(line, known));
  const twice = headers.find(
    ([name], index) => headers.findIndex(([one]) => one.toLowerCase() === name.toLowerCase()) < index,
  );
  if (twice) throw new Fault(`The header ${twice[0]} is there twice.`);
  const content = end === -1 ? '' : rest.slice(end).join('\n').trim();
  if (content !== '' && allowed === 'GET') throw new Fault('A GET has no body.');
  return { method: allowed, path, headers, body: content === '' ? null : parseBody(content, headers, known) };
}

function requirePath(path: string, known: readonly string[]): void {
  if (!path.startsWith('/') || path.startsWith('//'))
    throw new Fault('The path must begin with one /. Where the system runs is the address above.');
  for (const name of namesIn(path, known)) {
    if (SECRET.test(name))
      throw new Fault(`{{${name}}} is a secret and must not stand in a path: paths are logged.`);
    if (name === 'keys') throw new Fault('{{keys}} stands alone in quotes in a JSON body.');
  }
  const literal = path.replaceAll(PLACEHOLDER, '');
  if (/[^\x21-\x7e]|[#\\"<>^`{|}]/.test(literal) || /%(?![0-9A-Fa-f]{2})/.test(literal))
    throw new Fault('The path has a character that must be written percent-encoded.');
  if (path.split('?')[0]?.split('/').some(isDots)) throw new Fault('The path must not have . or .. in it.');
}

/** What a URL takes for a step to another folder. */
export const isDots = (segment: string) => /^(\.|%2e){1,2}$/i.test(segment);

function parseHeader(line: string, known: readonly string[]): [string, string] {
  const colon = line.indexOf(':');
  const [name, content] = [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  if (colon < 1 || !NAME.test(name))
    throw new Fault(
      'Between the first line and the empty line before a body, every line is a header: Name: value.',
    );
  if (OWN.has(name.toLowerCase())) throw new Fault(`The header ${name} is set by itself; leave it out.`);
  const names = namesIn(content, known);
  if (names.some((one) => one === 'entries' || one === 'keys'))
    throw new Fault('{{entries}} and {{keys}} stand alone in quotes in a JSON body.');
  if (name.toLowerCase() === 'content-type' && names.length > 0)
    throw new Fault('The Content-Type takes no placeholder.');
  if (/[^\x20-\x7e]/.test(content))
    throw new Fault(`The header ${name} has a character that no header can carry.`);
  return [name, content];
}

function parseBody(
  content: string,
  headers: readonly (readonly [string, string])[],
  known: readonly string[],
): Body {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? 'application/json';
  if (/^application\/([\w.-]+\+)?json(;|$)/i.test(type)) {
    const value = parseJson(content);
    if (value === undefined)
      throw new Fault(
        'The body is not JSON. Placeholders stand inside double quotes, as in {"name": "{{place.name}}"}.',
      );
    for (const leaf of textsIn(value)) if (!WHOLE.test(leaf)) requireTexts(namesIn(leaf, known));
    return { form: 'json', value };
  }
  requireTexts(namesIn(content, known));
  if (/^application\/x-www-form-urlencoded(;|$)/i.test(type))
    return { form: 'pairs', pairs: [...new URLSearchParams(content.replace(/\n\s*/g, '')).entries()] };
  if (/^text\/plain(;|$)/i.test(type)) return { form: 'text', text: content };
  throw new Fault('The body must be JSON, application/x-www-form-urlencoded or text/plain.');
}

function requireTexts(names: readonly string[]): void {
  const whole = names.find((name) => name === 'entries' || name === 'keys');
  if (whole) throw new Fault(`{{${whole}}} stands alone in quotes in a JSON body.`);
}

function namesIn(text: string, known: readonly string[]): string[] {
  const names = [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown)
    throw new Fault(
      `{{${unknown}}} is not known here. Known are ${known.map((name) => `{{${name}}}`).join(', ')}.`,
    );
  if (text.replaceAll(PLACEHOLDER, '').includes('{{'))
    throw new Fault(
      'There is a {{ that begins no placeholder. Write them like {{place.name}} or {{secret.token|base64}}.',
    );
  return names;
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [name, ...textsIn(one)]);
}
