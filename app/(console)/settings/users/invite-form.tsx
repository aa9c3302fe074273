'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { InputFrame } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { postJson } from '#app/_components/post-json.ts';
import { useStepUp } from '#app/_components/step-up.tsx';
import { common } from '#app/_words/common.ts';
import { roleWord, roleWords } from '#app/_words/roles.ts';
import { inviteForm, inviteLink } from '#app/_words/settings.ts';
import { OneTimeLink } from '#app/(console)/settings/users/one-time-link.tsx';
import type { Role } from '#core/access/actor.ts';

interface Invited {
  email: string;
  link: string;
}

export function InviteForm({ roles }: { roles: readonly Role[] }) {
  const router = useRouter();
  const { withStepUp, dialog } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [invited, setInvited] = useState<Invited | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const email = String(data.get('email'));
    const name = String(data.get('name')).trim();
    const wish = { email, role: String(data.get('role')), ...(name === '' ? {} : { name }) };
    setBusy(true);
    setProblem(null);
    setInvited(null);
    const answer = await withStepUp(() => postJson<{ link: string }>('/settings/users/invite', wish)).catch(
      () => null,
    );
    setBusy(false);
    if (answer?.ok === true) {
      setInvited({ email, link: answer.value.link });
      form.reset();
      router.refresh();
    } else {
      setProblem(answer?.message ?? inviteForm.noAnswer);
    }
  }

  return (
    <Panel title={inviteForm.title}>
      <form onSubmit={submit} method="post" className="flex flex-col gap-4">
        <div className="grid gap-4 md:grid-cols-3">
          <Field label={inviteForm.email} name="email" type="email" autoComplete="off" required />
          <Field label={common.name} name="name" autoComplete="off" hint={inviteForm.nameHint} />
          <InputFrame name="role" label={inviteForm.role}>
            {(control) => (
              <select {...control} defaultValue="viewer">
                {roles.map((role) => (
                  <option key={role} value={role}>
                    {roleWord(role)}: {roleWords[role]}
                  </option>
                ))}
              </select>
            )}
          </InputFrame>
        </div>
        <div>
          <Button type="submit" look="primary" disabled={busy}>
            {busy ? inviteForm.inviting : inviteForm.invite}
          </Button>
        </div>
      </form>
      <div className="mt-4 flex flex-col gap-4 empty:hidden">
        {problem !== null && (
          <Notice tone="bad" live>
            <span className="whitespace-pre-line">{problem}</span>
          </Notice>
        )}
        {invited !== null && (
          <OneTimeLink key={invited.link} about={inviteLink.give(invited.email)} link={invited.link} />
        )}
      </div>
      {dialog}
    </Panel>
  );
}
