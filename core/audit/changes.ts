const raw = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

/** An address by its server alone: the path of some holds what only the receiver should know. */
function told(value: unknown): string {
  const [server, rest = ''] = raw(value).match(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*|.+$/gi) ?? [];
  const isAddress = server?.includes('://') === true;
  return isAddress ? `${server.replace(/\/\/.*@/, '//')}${rest.length > 1 ? '/…' : rest}` : raw(value);
}

/** What is otherwise than before in a config without its secrets, field by field, for those who read the audit. */
export function changesOfConfig(before: unknown, after: Readonly<Record<string, unknown>>) {
  const old = new Map(Object.entries(Object(before)));
  return [...new Set([...old.keys(), ...Object.keys(after)])]
    .filter((field) => raw(old.get(field)) !== raw(after[field]))
    .map((field) => ({ field, from: told(old.get(field)), to: told(after[field]) }));
}
