import { isDeepStrictEqual } from 'node:util';
import type { FormField } from '#core/outside/draw-form.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * Whether two places name the same thing at an issuer. What must be entered names it, and so does text that both give;
 * numbers, choices and ticks say how it is treated, which may have changed since, and notes are for people alone.
 */
export function isSamePlace(form: readonly FormField[], one: Values, other: Values): boolean {
  const plain = form.filter(({ type, note }) => type !== 'secret' && !note);
  const naming = plain.filter(
    ({ name, type, required }) =>
      required || (['text', 'url'].includes(type) && one[name] !== undefined && other[name] !== undefined),
  );
  return naming.length > 0 && naming.every(({ name }) => same(one[name], other[name]));
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** What names a place at a target, without what says how it is treated; the order of a list says nothing. */
function naming(form: readonly FormField[], place: Values): Values {
  const named = form.filter(({ type, note, setting }) => type !== 'secret' && !note && !setting);
  return Object.fromEntries(
    named.map(({ name }) => {
      const value = place[name];
      return [name, Array.isArray(value) ? value.toSorted() : value];
    }),
  );
}

/** Whether what is written at two places of one target lands in the same one. */
export const isWrittenTogether = (form: readonly FormField[], one: Values, other: Values): boolean =>
  isDeepStrictEqual(naming(form, one), naming(form, other));
