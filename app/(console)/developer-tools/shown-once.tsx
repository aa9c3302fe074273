'use client';

import { Notice } from '#app/_components/notice.tsx';
import { shownOnce as words } from '#app/_words/developer-tools.ts';
import type { ShownOnce } from '#app/(console)/developer-tools/answer-once.ts';
import { CopyField } from '#app/(console)/developer-tools/copy-field.tsx';

/** A secret in the only place where it can be seen: this page's memory, until it is left. */
export function ShownOncePanel({ shown }: { shown: ShownOnce }) {
  return (
    <div className="flex flex-col gap-3">
      {shown.clientSecret !== null && (
        <Notice tone="warn" live>
          {words.about}
        </Notice>
      )}
      <CopyField label={words.clientId} value={shown.clientId} />
      {shown.clientSecret !== null && <CopyField label={words.clientSecret} value={shown.clientSecret} />}
    </div>
  );
}
