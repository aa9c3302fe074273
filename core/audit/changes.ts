const told = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

/** What is otherwise than before in a config without its secrets, field by field, for those who read the audit. */
export function changesOfConfig(before: unknown, after: Readonly<Record<string, unknown>>) {
  const old = new Map(Object.entries(Object(before)));
  return [...new Set([...old.keys(), ...Object.keys(after)])]
    .map((field) => ({ field, from: told(old.get(field)), to: told(after[field]) }))
    .filter(({ from, to }) => from !== to);
}
