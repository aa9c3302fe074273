'use client';

import type { FormEvent } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { common } from '#app/_words/common.ts';
import { revokeClient as words } from '#app/_words/developer-tools.ts';
import { revokeClientAction } from '#app/(console)/developer-tools/actions.ts';
import { useAct } from '#app/(console)/developer-tools/use-act.ts';

/** Ends the client for good. It cannot be undone, so its name is typed. */
export function RevokeClient({ clientId, name }: { clientId: string; name: string }) {
  const { busy, error, act, stepUp } = useAct();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const typedName = String(form.get('typedName'));
    act(() => revokeClientAction({ clientId, typedName, reason: String(form.get('reason')) }));
  }

  return (
    <Panel title={words.title}>
      <form onSubmit={submit} method="post" className="flex flex-col gap-4">
        <p className="text-sm text-quiet">{words.about}</p>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={words.typeName(name)} name="typedName" required autoComplete="off" />
          <Field label={common.reason} name="reason" maxLength={500} autoComplete="off" />
        </div>
        {error !== null && (
          <Notice tone="bad" live>
            {error}
          </Notice>
        )}
        {stepUp}
        <Button type="submit" look="danger" disabled={busy} className="self-start">
          {busy ? words.revoking : words.revoke}
        </Button>
      </form>
    </Panel>
  );
}
