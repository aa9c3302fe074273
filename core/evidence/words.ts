/** Postgres keeps no word of 2 kB; a search looks at this many characters of each. */
const LONGEST = 64;

/** What a search is taken apart into, as `audit_words()` in prisma/sql takes an event apart. */
export function wordsOf(text: string): string[] {
  return text
    .replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
    .split(/[^a-z0-9\u0080-\u{10ffff}]+/u)
    .filter((word) => word !== '')
    .map((word) => [...word].slice(0, LONGEST).join(''));
}
