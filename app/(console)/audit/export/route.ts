import { download } from '#app/_doors/download.ts';
import { answerForm, stamp } from '#app/(console)/audit/download-form.ts';
import { exportAuditEvents } from '#core/evidence/export-audit-events.ts';

/** The events of a question as a file, written while they are read. */
export function POST(request: Request) {
  return answerForm(request, async (actor, field) => {
    const format = field('format') === 'jsonl' ? 'jsonl' : 'csv';
    const { type, extension, parts } = await exportAuditEvents(actor, { q: field('q') ?? '', format });
    return download(`rekey-audit-${stamp()}.${extension}`, type, parts);
  });
}
