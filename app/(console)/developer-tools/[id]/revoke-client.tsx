'use client';

import type { FormEvent } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
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
    <Panel title="Revoke this client">
      <form onSubmit={submit} method="post" className="flex flex-col gap-4">
        <p className="text-sm text-quiet">
          Its secrets and its access tokens are refused from the next request on. This cannot be undone.
        </p>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={`Type ${name} to revoke it`} name="typedName" required autoComplete="off" />
          <Field label="Reason" name="reason" maxLength={500} autoComplete="off" />
        </div>
        {error !== null && (
          <Notice tone="bad" live>
            {error}
          </Notice>
        )}
        {stepUp}
        <Button type="submit" look="danger" disabled={busy} className="self-start">
          {busy ? 'Revoking…' : 'Revoke'}
        </Button>
      </form>
    </Panel>
  );
}
