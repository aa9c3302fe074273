/** Joins a path to a base address that may have a path of its own and may end in slashes. The path is written as it is given. */
export function addressOf(baseUrl: string, path: string): string {
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname.replace(/\/+$/, '')}${path}`;
}
