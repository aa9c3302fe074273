'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { InputFrame } from '#app/_components/input-frame.tsx';
import { LimitFields, limitsOf } from '#app/_components/limit-fields.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { common } from '#app/_words/common.ts';
import { changeClient as words } from '#app/_words/developer-tools.ts';
import { roleWord } from '#app/_words/roles.ts';
import { changeClientAction } from '#app/(console)/developer-tools/actions.ts';
import { useAct } from '#app/(console)/developer-tools/use-act.ts';
import type { Role } from '#core/access/actor.ts';
import type { ApiClientDetails } from '#core/clients/read-api-client.ts';

/** Another name, role or limits. All of them count at once, also for access tokens that are out. */
export function ChangeClient({ client, roles }: { client: ApiClientDetails; roles: readonly Role[] }) {
  const { busy, error, act, stepUp } = useAct();
  const [done, setDone] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const role = roles.find((known) => known === form.get('role')) ?? 'viewer';
    const wish = { clientId: client.id, name: String(form.get('name')), role, ...limitsOf(form) };
    setDone(await act(() => changeClientAction(wish)));
  }

  return (
    <Panel title={words.title}>
      <form onSubmit={submit} method="post" className="flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <InputFrame name="name" label={common.name} required>
            {(control) => <input {...control} defaultValue={client.name} maxLength={80} autoComplete="off" />}
          </InputFrame>
          <InputFrame name="role" label={words.role} required>
            {(control) => (
              <select {...control} defaultValue={client.role}>
                {roles.map((role) => (
                  <option key={role} value={role}>
                    {roleWord(role)}
                  </option>
                ))}
              </select>
            )}
          </InputFrame>
        </div>
        <LimitFields known={client} />
        {error !== null && (
          <Notice tone="bad" live>
            {error}
          </Notice>
        )}
        {stepUp}
        <div className="flex items-center gap-3">
          <Button type="submit" disabled={busy}>
            {busy ? common.saving : common.save}
          </Button>
          <p role="status" className="text-sm text-quiet">
            {done && words.saved}
          </p>
        </div>
      </form>
    </Panel>
  );
}
