import { Fragment, type ReactNode } from 'react';

/**
 * The names in braces of a sentence: `'name' | 'day'` for `Rotate {name} on {day}`. A sentence whose text the compiler does not
 * know has no places that could be checked, so it fits no parts: words with places are declared `as const`.
 */
type Places<Sentence extends string> = Sentence extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Places<Rest>
  : never;

/**
 * A sentence with elements in it: each `{name}` is replaced by the part of that name. The sentence stands whole
 * with the other words of the console, so that a translation can put its parts in another order.
 */
export function fill<const Sentence extends string>(
  sentence: Sentence,
  parts: string extends Sentence ? never : Record<Places<Sentence>, ReactNode>,
): ReactNode {
  const given = new Map<string, ReactNode>(Object.entries(parts));
  return sentence.split(/\{(\w+)\}/).map((piece, index) => {
    const shown = index % 2 === 0 ? piece : given.get(piece);
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence never change places.
    return <Fragment key={index}>{shown}</Fragment>;
  });
}
