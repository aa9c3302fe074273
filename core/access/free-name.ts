import { Problem } from '#lib/problem.ts';

/** Refuses, with a `Problem` 409 at the field `name`, a name that another one of the kind has. */
export function requireFreeName(
  what: 'credential' | 'issuer' | 'target' | 'notifier',
  name: string,
  other: { readonly id: string } | null,
  own?: string,
): void {
  if (other !== null && other.id !== own) {
    const sentence = `There is already ${what === 'issuer' ? 'an' : 'a'} ${what} called ${name}.`;
    throw new Problem(409, 'name_taken', `${sentence} Nothing was saved.`, {}, { name: sentence });
  }
}
