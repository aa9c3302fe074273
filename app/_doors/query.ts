/** What stands behind the `?` of a page's address, as Next hands it to the page. */
export type Given = Readonly<Record<string, string | string[] | undefined>>;

/** One value of the address; an empty one asks for nothing. */
export function one(given: Given, name: string): string | undefined {
  const value = given[name];
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  return text === '' ? undefined : text;
}

/** A path with what is asked for behind it. What is not asked for is left out, so that equal views have equal addresses. */
export function addressOf(path: string, asked: Readonly<Record<string, string | undefined>>): string {
  const said = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return said.length === 0 ? path : `${path}?${new URLSearchParams(said)}`;
}
