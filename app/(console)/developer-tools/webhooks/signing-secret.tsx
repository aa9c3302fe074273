'use client';

import { Notice } from '#app/_components/notice.tsx';
import { signingSecret as words } from '#app/_words/webhooks.ts';
import { CopyField } from '#app/(console)/developer-tools/copy-field.tsx';

/** A signing secret in the only place where it can be seen: this page's memory, until it is left. */
export function SigningSecret({ secret }: { secret: string }) {
  return (
    <div className="flex flex-col gap-3">
      <Notice tone="warn" live>
        {words.about}
      </Notice>
      <CopyField label={words.label} value={secret} />
    </div>
  );
}
