/** Any origin will do: what leads away from it leads away from ours. */
const OWN = 'http://own.invalid';

/**
 * Where to go on after signing in: a path of our own as a browser reads it, else the overview. A browser leaves out tabs and line ends and
 * works out dots before it looks where an address leads, so its text alone tells nothing.
 */
export function ownPath(from: unknown): string {
  if (typeof from === 'string' && from.startsWith('/') && URL.canParse(from, OWN)) {
    const { origin, pathname, search, hash } = new URL(from, OWN);
    if (origin === OWN && !pathname.startsWith('//')) {
      return `${pathname}${search}${hash}`;
    }
  }
  return '/overview';
}
