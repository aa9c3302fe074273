/** A server that a value names: scheme, host and port of an address, or the value of a field that is called after a host. */
function serverOf(field: string, value: unknown): string | null {
  if (typeof value !== 'string' || value === '') {
    return null;
  }
  const [, scheme, authority] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i.exec(value) ?? [];
  if (scheme !== undefined && authority !== undefined) {
    return `${scheme}://${authority}`.toLowerCase();
  }
  return /^(host|hostname|server|domain|address|port)$/i.test(field) ? value.toLowerCase() : null;
}

/**
 * The fields of a config that name another server than before. Whoever may change a config must not have a stored secret sent to a
 * server of their own.
 */
export function leadsElsewhere(before: unknown, after: Readonly<Record<string, unknown>>): string[] {
  const old = new Map<string, unknown>(Object.entries(Object(before)));
  return [...new Set([...old.keys(), ...Object.keys(after)])].filter(
    (field) => serverOf(field, old.get(field)) !== serverOf(field, after[field]),
  );
}
