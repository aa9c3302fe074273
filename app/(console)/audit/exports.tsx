import { Download, FolderArchive } from 'lucide-react';
import { Button } from '#app/_components/button.tsx';
import { auditExports as words } from '#app/_words/audit.ts';
import type { listAuditEvents } from '#core/evidence/list-audit-events.ts';

type About = Awaited<ReturnType<typeof listAuditEvents>>['about'];

/** Takes along what the question asks for. Plain forms, because the answer is a file. */
export function Exports({ q, about }: { q: string; about: About }) {
  return (
    <div className="flex flex-wrap gap-2">
      <form action="/audit/export" method="post" className="flex flex-wrap gap-2">
        <input type="hidden" name="q" value={q} />
        <Button type="submit" name="format" value="csv">
          <Download aria-hidden className="size-4" />
          {words.csv}
        </Button>
        <Button type="submit" name="format" value="jsonl">
          <Download aria-hidden className="size-4" />
          {words.jsonl}
        </Button>
      </form>
      {about !== null && (
        <form action="/audit/evidence" method="post">
          {Object.entries(about).map(
            ([name, value]) => value !== null && <input key={name} type="hidden" name={name} value={value} />,
          )}
          <Button type="submit">
            <FolderArchive aria-hidden className="size-4" />
            {'rotation' in about ? words.ofRotation : words.ofCredential}
          </Button>
        </form>
      )}
    </div>
  );
}
