import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { csvHead, csvLine } from '#core/evidence/csv.ts';
import { questionOf } from '#core/evidence/filter.ts';
import { jsonLine } from '#core/evidence/jsonl.ts';
import { formatQuery } from '#core/evidence/query.ts';
import { endOfNow, streamEvents } from '#core/evidence/stream-events.ts';
import { tellExport } from '#core/evidence/told-export.ts';

const formats = {
  csv: { type: 'text/csv; charset=utf-8', head: csvHead, line: csvLine },
  jsonl: { type: 'application/jsonl; charset=utf-8', head: '', line: jsonLine },
} as const;

/**
 * Everything that fits a question, the newest first, as CSV or JSONL: exactly what the pages show, up to now. It is told
 * before the first part leaves, and told again with the count. A copy of the whole log leaves the place that guards it,
 * so it takes an auditor or an admin; others read it page by page.
 */
export const exportAuditEvents = useCase(
  {
    name: 'export-audit-events',
    may: ['auditor', 'admin'],
    stepUp: false,
    scope: 'everything',
    looks: true,
    input: z.object({ q: z.string().default(''), format: z.enum(['csv', 'jsonl']) }),
  },
  async ({ actor, db }, { q, format }) => {
    const { filter, terms } = await questionOf(db, actor, q);
    const end = await endOfNow(db);
    const { type, head, line } = formats[format];
    const parts = await tellExport(
      db,
      actor,
      { query: formatQuery(terms), format },
      async function* (counter) {
        yield head;
        for await (const rows of streamEvents(db, filter, end)) {
          counter.count += rows.length;
          yield rows.map(line).join('');
        }
      },
    );
    return { type, extension: format, parts };
  },
);
