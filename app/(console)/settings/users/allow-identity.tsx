'use client';

import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Moment } from '#app/_components/time.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { allowIdentity as words } from '#app/_words/settings.ts';
import { allowIdentityAction } from '#app/(console)/settings/users/actions.ts';
import type { UserRow } from '#core/users/list-users.ts';

/** Lets somebody come with another identity: asked twice, because whoever brings their e-mail is them. */
export function AllowIdentity({
  user: { id, name },
  busy,
  change,
}: {
  user: UserRow;
  busy: boolean;
  change(call: () => Promise<Answer<void>>): void;
}) {
  const [sure, setSure] = useState(false);
  function click() {
    setSure(!sure);
    if (sure) {
      change(() => allowIdentityAction(id));
    }
  }
  return (
    <Button disabled={busy} onClick={click} onBlur={() => setSure(false)}>
      {fill(sure ? words.reallyAllow : words.allow, {
        whom: <span className="sr-only">{words.forWhom(name)}</span>,
      })}
    </Button>
  );
}

/** What was allowed, until it is used or over. */
export function IdentityAllowed({ email, until }: { email: string; until: string }) {
  return <Notice tone="info">{fill(words.allowed, { email, until: <Moment at={until} /> })}</Notice>;
}
