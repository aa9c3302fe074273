'use client';

import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { common } from '#app/_words/common.ts';
import { inviteLink } from '#app/_words/settings.ts';

/** The link is here and nowhere else; it is gone with the page. */
export function OneTimeLink({ about, link }: { about: string; link: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(link).then(() => setCopied(true));
  return (
    <Notice tone="good" live>
      <p>{about}</p>
      <p className="my-2 font-mono break-all">{link}</p>
      <Button onClick={copy}>{copied ? common.copied : inviteLink.copy}</Button>
    </Notice>
  );
}
