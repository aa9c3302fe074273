import type { EventRow } from '#core/evidence/find-events.ts';

/*
 * CSV as RFC 4180 has it, for people who open it in a spreadsheet: every cell in double quotes. A cell that a spreadsheet
 * would take for a formula begins with an apostrophe instead (OWASP, "CSV Injection"; also its full-width forms).
 */

const formula = /^[=+\-@\t\r\n＝＋－＠]/;

/** One cell. */
export function csvCell(value: string): string {
  const guarded = formula.test(value) ? `'${value}` : value;
  return `"${guarded.replaceAll('"', '""')}"`;
}

const columns = [
  ...[
    'id',
    'at',
    'actor',
    'actor_kind',
    'action',
    'object',
    'outcome',
    'reason',
    'credential_id',
    'rotation_id',
  ],
  ...['request_id', 'address', 'body', 'leaf'],
];

const line = (cells: readonly string[]) => `${cells.map(csvCell).join(',')}\r\n`;

/** Begins with a byte order mark, without which Excel reads UTF-8 as something else. */
export const csvHead = `\ufeff${line(columns)}`;

const text = (value: unknown) => (typeof value === 'string' ? value : '');

export function csvLine(row: EventRow): string {
  const body = JSON.parse(row.body) as Record<string, unknown>;
  return line([
    row.id,
    row.at.toISOString(),
    row.actor_name,
    row.actor_kind,
    row.action,
    text(body.credential ?? body.name ?? body.email),
    row.outcome,
    text(body.reason),
    row.credential_id ?? '',
    row.rotation_id ?? '',
    row.request_id ?? '',
    text(body.address),
    row.body,
    row.leaf.toString('hex'),
  ]);
}
