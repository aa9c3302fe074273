'use client';

import { Notice } from '#app/_components/notice.tsx';
import type { ShownOnce } from '#app/(console)/developer-tools/answer-once.ts';
import { CopyField } from '#app/(console)/developer-tools/copy-field.tsx';

/** A secret in the only place where it can be seen: this page's memory, until it is left. */
export function ShownOncePanel({ shown }: { shown: ShownOnce }) {
  return (
    <div className="flex flex-col gap-3">
      {shown.clientSecret !== null && (
        <Notice tone="warn" live>
          This is the only time the secret is shown. Copy it to where the program reads it before you leave;
          Rekey keeps a hash of it and cannot show it again.
        </Notice>
      )}
      <CopyField label="Client ID" value={shown.clientId} />
      {shown.clientSecret !== null && <CopyField label="Client secret" value={shown.clientSecret} />}
    </div>
  );
}
