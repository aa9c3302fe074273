import { z } from 'zod';

const types = ['text', 'secret', 'number', 'boolean', 'choice', 'url', 'lines'] as const;

/** One field of a form, as plain data: it travels to browsers and into documents. */
export interface FormField {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly type: (typeof types)[number];
  readonly required: boolean;
  /** What it holds at first, and what is stored of a list that is left empty. Secrets have none. */
  readonly default: string | number | boolean | readonly string[] | null;
  /** What may be chosen; empty for every other type. */
  readonly choices: readonly (string | number)[];
  /** The smallest and the largest number, or the shortest and the longest text. */
  readonly min: number | null;
  readonly max: number | null;
  /** A number without a fraction. */
  readonly whole: boolean;
  /** Few people need it, so a form folds it away. */
  readonly rare: boolean;
  /** For people alone: it names nothing at the other side. */
  readonly note: boolean;
  /** It says how what is there is treated, and names nothing: places that differ in it alone are one. */
  readonly setting: boolean;
  /** Lines that are a list of texts; otherwise they are one text with line ends in it. */
  readonly list: boolean;
}

const property = z.looseObject({
  type: z.unknown().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  format: z.string().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  const: z.union([z.string(), z.number()]).optional(),
  default: z.unknown().optional(),
  secret: z.boolean().optional(),
  lines: z.boolean().optional(),
  rare: z.boolean().optional(),
  note: z.boolean().optional(),
  setting: z.boolean().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  items: z.looseObject({ type: z.unknown() }).optional(),
});

const document = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

type Property = z.output<typeof property>;

/**
 * A connector's config or place as form fields, in the schema's own order. Throws an error that names the field where
 * one cannot be drawn, which is a fault of the connector and found by its tests.
 */
export function drawForm(schema: z.ZodObject): FormField[] {
  const drawn = document.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  const left = untouched(schema);
  return Object.entries(drawn.properties).map(([name, one]) =>
    drawField(name, one, { required: drawn.required.includes(name), left: left[name] }),
  );
}

/** What a schema makes of a form in which nobody has typed; what must be entered is left out. */
export function untouched(schema: z.ZodObject): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema.shape).flatMap(([name, field]) => {
      const left = z.safeParse(field, undefined);
      return left.success && left.data !== undefined ? [[name, left.data]] : [];
    }),
  );
}

function drawField(
  name: string,
  drawn: unknown,
  { required, left }: { required: boolean; left: unknown },
): FormField {
  const result = property.safeParse(drawn);
  const type = result.success ? typeOf(result.data) : null;
  if (!result.success || type === null) {
    throw new Error(
      `The field "${name}" cannot be drawn in a form. Use a text, a secret, a number, a boolean, a choice, an address or a list of texts.`,
    );
  }
  const one = result.data;
  return {
    name,
    title: one.title ?? name,
    description: one.description ?? null,
    type,
    required,
    default: type === 'secret' ? null : defaultOf(one.type === 'array' ? left : one.default),
    choices: one.enum ?? (one.const === undefined ? [] : [one.const]),
    min: safe(one.minimum ?? one.minLength),
    max: safe(one.maximum ?? one.maxLength),
    whole: one.type === 'integer',
    rare: one.rare === true,
    note: one.note === true,
    setting: one.setting === true,
    list: one.type === 'array',
  };
}

function typeOf(one: Property): FormField['type'] | null {
  if (one.secret === true) {
    return one.type === 'string' ? 'secret' : null;
  }
  if (one.enum !== undefined || one.const !== undefined) {
    return 'choice';
  }
  switch (one.type) {
    case 'string':
      return one.format === 'uri' ? 'url' : one.lines === true ? 'lines' : 'text';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return one.items?.type === 'string' ? 'lines' : null;
    default:
      return null;
  }
}

function defaultOf(value: unknown): FormField['default'] {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(String);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** A bound that is there only because numbers end somewhere is none. */
function safe(bound: number | undefined): number | null {
  return bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? null : bound;
}
