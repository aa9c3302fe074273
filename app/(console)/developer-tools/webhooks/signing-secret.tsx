'use client';

import { Notice } from '#app/_components/notice.tsx';
import { CopyField } from '#app/(console)/developer-tools/copy-field.tsx';

/** A signing secret in the only place where it can be seen: this page's memory, until it is left. */
export function SigningSecret({ secret }: { secret: string }) {
  return (
    <div className="flex flex-col gap-3">
      <Notice tone="warn" live>
        This is the only time the signing secret is shown. Copy it to where the receiver reads it before you
        leave; Rekey keeps it sealed and does not show it again.
      </Notice>
      <CopyField label="Signing secret" value={secret} />
    </div>
  );
}
