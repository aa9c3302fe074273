'use client';

import type { FormEvent } from 'react';
import { Button } from '#app/_components/button.tsx';
import { fill } from '#app/_components/fill.tsx';
import { LimitFields, limitsOf } from '#app/_components/limit-fields.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { userLimits as words } from '#app/_words/settings.ts';
import { changeScopeAction } from '#app/(console)/settings/users/actions.ts';
import type { UserRow } from '#core/users/list-users.ts';

/** Which credentials a user sees and works with. */
export function Limits({
  user,
  busy,
  change,
}: {
  user: UserRow;
  busy: boolean;
  change(call: () => Promise<Answer<void>>): void;
}) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const { environments, labels } = limitsOf(new FormData(event.currentTarget));
    change(() => changeScopeAction(user.id, environments, labels));
  }
  return (
    <details className="text-sm">
      <summary className="inline-flex min-h-6 cursor-pointer items-center text-accent">
        {fill(words.open, { whose: <span className="sr-only">{words.whose(user.name)}</span> })}
      </summary>
      <form onSubmit={submit} method="post" className="mt-3 flex flex-col gap-3">
        <LimitFields known={user} />
        <div>
          <Button type="submit" disabled={busy}>
            {words.save}
          </Button>
        </div>
      </form>
    </details>
  );
}
