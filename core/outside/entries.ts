import type { Entries, Fields } from '#connectors/contract.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** A field that every version has beside its own: which version it is, so that consumers can say what they use. */
export const VERSION_FIELD = 'versionId';

/** A target's own keys with the values of a version. `keys`: field of the version → key at the target. */
export function entriesFor(
  keys: Readonly<Record<string, string>>,
  versionId: string,
  fields: Fields,
): Entries {
  const all: Fields = { ...fields, [VERSION_FIELD]: new Plaintext(versionId) };
  const pairs = Object.entries(keys).flatMap(([field, key]) => {
    const value = all[field];
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(pairs);
}
