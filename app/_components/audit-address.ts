/** The address of the audit log with a question and a place in its pages. */
export function auditAddress(
  q: string,
  place: { before?: string | null; after?: string | null } = {},
): string {
  const given = Object.entries({ q: q === '' ? null : q, ...place }).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[name, value]],
  );
  const query = new URLSearchParams(given);
  return query.size === 0 ? '/audit' : `/audit?${query}`;
}
