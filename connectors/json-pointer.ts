import { z } from 'zod';
import { parseJson } from '#connectors/exchange.ts';
import type { HttpResponse } from '#lib/http.ts';

const POINTER = /^(\/([^~/]|~[01])*)*$/;

/** A form field for a JSON pointer (RFC 6901). The empty one is the whole answer. */
export function pointerText(title: string, description: string) {
  return z
    .string()
    .max(500)
    .regex(POINTER, 'must be a JSON pointer such as /data/id; ~1 stands for / and ~0 for ~')
    .meta({ title, description });
}

/** The names on the way of a pointer. */
export function tokensOf(pointer: string): string[] {
  const tokens = pointer.split('/').slice(1);
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** One name as it is written in a pointer. */
export function asToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** What a pointer points at; undefined where there is nothing. Inherited properties are nothing. */
export function pointed(body: unknown, pointer: string): unknown {
  let value: unknown = body;
  for (const token of tokensOf(pointer)) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) && !/^(0|[1-9]\d{0,8})$/.test(token)) return undefined;
    value = Object.hasOwn(value, token) ? Reflect.get(value, token) : undefined;
  }
  return value;
}

/** The text or number at a pointer as a text; undefined where there is another thing, or nothing. */
export function pointedText(body: unknown, pointer: string): string | undefined {
  const value = pointed(body, pointer);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A schema that reads texts at pointers; what is missing is named by its pointer's last name. */
export function textsAt<Name extends string>(pointers: Readonly<Partial<Record<Name, string>>>) {
  return z.unknown().transform((body, context) => {
    const found: Partial<Record<Name, string>> = {};
    for (const [name, pointer] of Object.entries(pointers) as [Name, string | undefined][]) {
      if (pointer === undefined) continue;
      const text = pointedText(body, pointer);
      if (text === undefined) context.addIssue({ code: 'custom', path: tokensOf(pointer) });
      else found[name] = text;
    }
    return found;
  });
}

interface Rule {
  readonly status: number;
  readonly pointer?: string;
  readonly value?: string;
}

const RULE = /^([1-5]\d\d)(?:[ \t]+(\/\S*)(?:[ \t]+(\S.*))?)?$/;

function rulesIn(text: string): Rule[] | null {
  const rules: Rule[] = [];
  for (const line of text.split(/\r?\n/).map((one) => one.trim())) {
    if (line === '') continue;
    const [, status, pointer, value] = RULE.exec(line) ?? [];
    if (status === undefined || (pointer !== undefined && !POINTER.test(pointer))) return null;
    rules.push({
      status: Number(status),
      ...(pointer !== undefined && { pointer }),
      ...(value !== undefined && { value }),
    });
  }
  return rules;
}

/** A form field for answers: a status a line and, where the status does not tell, a pointer and the value there. */
export function answersText(title: string, description: string) {
  return z
    .string()
    .max(2_000)
    .refine((text) => rulesIn(text) !== null, 'must have lines such as 401 or 400 /error invalid_client')
    .meta({
      title,
      description: `${description} One a line: a status, and where that does not tell, a JSON pointer and the value there.`,
      lines: true,
    });
}

/** Whether an answer is one of those that a field names. */
export function isAmong(response: HttpResponse, text: string): boolean {
  const body = parseJson(response.text);
  return (rulesIn(text) ?? []).some(({ status, pointer, value }) => {
    if (status !== response.status) return false;
    if (pointer === undefined) return true;
    const there = pointed(body, pointer);
    return value === undefined ? there !== undefined : String(there) === value;
  });
}
