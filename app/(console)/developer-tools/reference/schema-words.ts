import { z } from 'zod';
import { schemaLine as words } from '#app/_words/api-reference.ts';

const schemaPart = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string().transform((type) => [type]), z.array(z.string())]).optional(),
  format: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});

/** The name that a reference leads to. */
export const nameOf = (ref: string) => ref.split('/').at(-1) ?? '';

/** One line of a schema's table. */
export interface Line {
  /** With the names that lead to it: `gap.startedAt`, `items[].id`. */
  readonly name: string;
  readonly type: string;
  /** The schema that says more. */
  readonly ref: string | null;
  readonly required: boolean;
  readonly description: string;
}

/** The type in words, and the schema that it refers to. */
function typeOf(schema: unknown): { type: string; ref: string | null } {
  const { $ref, type, format, enum: choices, items, anyOf } = schemaPart.parse(schema ?? {});
  if ($ref !== undefined) {
    return { type: nameOf($ref), ref: nameOf($ref) };
  }
  if (choices !== undefined) {
    return { type: choices.map(String).join(' | '), ref: null };
  }
  if (anyOf !== undefined) {
    const parts = anyOf.map(typeOf);
    return {
      type: [...new Set(parts.map((part) => part.type))].join(' | '),
      ref: parts.find(({ ref }) => ref !== null)?.ref ?? null,
    };
  }
  if (type?.includes('array')) {
    const inner = typeOf(items);
    return { ...inner, type: words.listOf(inner.type) };
  }
  const kinds = type?.map((kind) => (kind === 'string' ? (format ?? kind) : kind));
  return { type: kinds?.join(' | ') ?? words.anything, ref: null };
}

/** The fields of a schema and of the objects inside it, in their order. */
export function linesOf(schema: unknown, before = ''): Line[] {
  const { properties = {}, required = [], items, anyOf = [], $ref } = schemaPart.parse(schema ?? {});
  if ($ref !== undefined) {
    return [];
  }
  const own = Object.entries(properties).flatMap(([key, part]) => {
    const { description = '', default: usual } = schemaPart.parse(part);
    const name = `${before}${key}`;
    const told = usual === undefined ? '' : words.usual(JSON.stringify(usual));
    const line = {
      name,
      ...typeOf(part),
      required: required.includes(key),
      description: [description, told].filter((one) => one !== '').join(' '),
    };
    return [line, ...linesOf(part, `${name}.`)];
  });
  const inside = items === undefined ? [] : linesOf(items, `${before.replace(/\.$/, '')}[].`);
  return [...own, ...inside, ...anyOf.flatMap((part) => linesOf(part, before))];
}
