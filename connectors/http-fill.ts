import { addressOf } from '#connectors/address.ts';
import { ConnectorError, type Entries } from '#connectors/contract.ts';
import { type Body, isDots, PLACEHOLDER, type Purpose, parse, WHOLE } from '#connectors/http-template.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** What may stand for a placeholder. Entries and lists stand for a whole JSON value. */
export type Values = Readonly<Record<string, string | Plaintext | Entries | readonly string[] | undefined>>;

/** The request to send. Throws `ConnectorError` never where a value is missing or cannot stand where it should. */
export function fill(text: string, purpose: Purpose, baseUrl: string, values: Values): HttpRequest {
  const { method, path, headers, body } = parse(text, purpose);
  const filled: Record<string, string> = { accept: 'application/json' };
  for (const [name, content] of headers) filled[name.toLowerCase()] = headerOf(name, content, values);
  const url = addressOf(baseUrl, pathOf(path, values));
  if (body === null) return { method, url, headers: filled };
  return {
    method,
    url,
    headers: { 'content-type': 'application/json', ...filled },
    body: bodyOf(body, values),
  };
}

function textFor(name: string, filter: string | undefined, values: Values): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  const text = value instanceof Plaintext ? value.expose() : value;
  if (typeof text !== 'string')
    throw new ConnectorError(
      `{{${name}}} has no value here. Enter one, or take it out of the request.`,
      'never',
    );
  if (Buffer.from(text).toString() !== text)
    throw new ConnectorError(`The value of {{${name}}} is no valid text.`, 'never');
  return filter === undefined ? text : Buffer.from(text).toString('base64');
}

function substituted(text: string, values: Values, encoded: (value: string, name: string) => string): string {
  return text.replace(PLACEHOLDER, (_all, name: string, filter: string | undefined) =>
    encoded(textFor(name, filter, values), name),
  );
}

function pathOf(path: string, values: Values): string {
  const [before = '', ...query] = path.split('?');
  const inPath = (value: string, name: string) => {
    if (value === '')
      throw new ConnectorError(
        `{{${name}}} is empty, and so the address would be another one. Nothing was sent.`,
        'never',
      );
    return encodeURIComponent(value);
  };
  const segments = before.split('/').map((segment) => substituted(segment, values, inPath));
  if (segments.some(isDots))
    throw new ConnectorError(
      'A name of . or .. cannot stand in a path, because the address would be another one. Nothing was sent.',
      'never',
    );
  const tail = query.map((part) => `?${substituted(part, values, encodeURIComponent)}`);
  return segments.join('/') + tail.join('');
}

function headerOf(name: string, content: string, values: Values): string {
  const text = substituted(content, values, (value) => value);
  if (!/[^\x20-\x7e]/.test(text)) return text;
  throw new ConnectorError(
    `A value for the header ${name} has a character that no header can carry. Nothing was sent.`,
    'never',
  );
}

function bodyOf(body: Body, values: Values): string {
  const plain = (text: string) => substituted(text, values, (value) => value);
  if (body.form === 'text') return plain(body.text);
  if (body.form === 'json') return JSON.stringify(filledJson(body.value, values));
  return new URLSearchParams(body.pairs.map(([name, value]) => [plain(name), plain(value)])).toString();
}

function filledJson(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return filledText(value, values);
  if (Array.isArray(value)) return value.map((one) => filledJson(one, values));
  if (typeof value !== 'object' || value === null) return value;
  const plain = (text: string) => substituted(text, values, (one) => one);
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [plain(name), filledJson(one, values)]),
  );
}

function filledText(text: string, values: Values): unknown {
  const [, whole] = WHOLE.exec(text) ?? [];
  if (whole === undefined) return substituted(text, values, (value) => value);
  const value = values[whole];
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value instanceof Plaintext)
    throw new ConnectorError(`{{${whole}}} has no value here.`, 'never');
  return Object.fromEntries(Object.entries(value as Entries).map(([key, one]) => [key, one.expose()]));
}
