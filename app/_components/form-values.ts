import type { FormField } from '#core/outside/draw-form.ts';

/** The name of an input: the same path that a refusal names it by. */
export const pathOf = (part: string, field: { name: string }) => `${part}.${field.name}`;

/** What was entered into drawn fields, in the types their schema expects. What was left empty is left out. */
export function valuesOf(
  fields: readonly FormField[],
  part: 'config' | 'place',
  data: FormData,
): Record<string, unknown> {
  const entered = fields.map((field) => [field.name, readOne(field, data.get(pathOf(part, field)))] as const);
  return Object.fromEntries(entered.filter(([, value]) => value !== undefined));
}

/** What the input of a field holds at first: what is stored, or else the default. A list is one text, a line each. */
export function firstOf(
  field: FormField,
  stored: Readonly<Record<string, unknown>> | undefined,
): FormField['default'] {
  const value = stored?.[field.name];
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return Array.isArray(value) ? value.join('\n') : field.default;
}

/** Whether what is stored is other than the default. */
export const isSet = (field: FormField, stored: Readonly<Record<string, unknown>>): boolean =>
  String(firstOf(field, stored) ?? '') !== String(field.default ?? '');

/** The text of one input, without spaces around it; undefined where it is empty. */
export function textOf(data: FormData, name: string): string | undefined {
  const text = String(data.get(name) ?? '').trim();
  return text === '' ? undefined : text;
}

/** Words that are separated by commas in one input. */
export const wordsOf = (data: FormData, name: string): string[] =>
  String(data.get(name) ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);

function readOne(field: FormField, raw: FormDataEntryValue | null): unknown {
  if (field.type === 'boolean') {
    return raw !== null;
  }
  // A secret is taken as it is: spaces may belong to it.
  const text = field.type === 'secret' ? String(raw ?? '') : String(raw ?? '').trim();
  if (field.type === 'lines' && field.list) {
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    return lines.filter((line) => line !== '');
  }
  if (text === '') {
    return undefined;
  }
  switch (field.type) {
    case 'number':
      return Number(text);
    case 'choice':
      return field.choices.find((choice) => String(choice) === text) ?? text;
    default:
      return text;
  }
}
