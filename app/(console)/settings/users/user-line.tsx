'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { inputClass } from '#app/_components/field.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { postJson } from '#app/_components/post-json.ts';
import { useStepUp } from '#app/_components/step-up.tsx';
import { Ago } from '#app/_components/time.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { limitedTo } from '#app/_words/limits.ts';
import { roleWord } from '#app/_words/roles.ts';
import { inviteLink, userLine as words } from '#app/_words/settings.ts';
import {
  changeRoleAction,
  disableUserAction,
  enableUserAction,
  resetSecondFactorAction,
} from '#app/(console)/settings/users/actions.ts';
import { AllowIdentity, IdentityAllowed } from '#app/(console)/settings/users/allow-identity.tsx';
import { Limits } from '#app/(console)/settings/users/limits.tsx';
import { OneTimeLink } from '#app/(console)/settings/users/one-time-link.tsx';
import type { Role } from '#core/access/actor.ts';
import type { UserRow } from '#core/users/list-users.ts';

function useChange() {
  const router = useRouter();
  const { withStepUp, dialog } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [link, setLink] = useState<string | null>(null);
  async function done<T>(call: () => Promise<Answer<T>>): Promise<T | null> {
    setBusy(true);
    setProblem(null);
    setLink(null);
    const answer = await withStepUp(call).catch(() => null);
    setBusy(false);
    if (answer?.ok !== true) {
      setProblem(answer?.message ?? common.noAnswerReload);
    }
    router.refresh();
    return answer?.ok === true ? answer.value : null;
  }
  async function change(call: () => Promise<Answer<void>>) {
    await done(call);
  }
  async function renewLink(userId: string) {
    const made = await done(() => postJson<{ link: string }>('/settings/users/link', { userId }));
    setLink(made?.link ?? null);
  }
  return { busy, problem, dialog, link, change, renewLink };
}

function Seen({ user }: { user: UserRow }) {
  if (user.state === 'invited') {
    return words.invited;
  }
  return user.seenAt === null ? words.neverSeen : fill(words.lastSeen, { at: <Ago at={user.seenAt} /> });
}

function Controls({
  user,
  roles,
  hasSignOn,
  busy,
  change,
  renewLink,
}: {
  user: UserRow;
  roles: readonly Role[];
  hasSignOn: boolean;
  busy: boolean;
  change(call: () => Promise<Answer<void>>): void;
  renewLink(userId: string): void;
}) {
  const [sure, setSure] = useState(false);
  const { id, name, role, state } = user;
  const who = <span className="sr-only">{words.who(name)}</span>;
  const disable = () => (sure ? change(() => disableUserAction(id)) : setSure(true));
  return (
    <div className="flex flex-wrap gap-2 *:shrink-0 max-sm:w-full [&>select]:w-36">
      <select
        aria-label={words.roleOf(name)}
        // Whatever was chosen, it shows the role that counts.
        value={role}
        disabled={busy || state === 'disabled'}
        onChange={(event) => {
          const wanted = event.currentTarget.value as Role;
          change(() => changeRoleAction(id, wanted));
        }}
        className={`${inputClass}`}
      >
        {roles.map((one) => (
          <option key={one} value={one}>
            {roleWord(one)}
          </option>
        ))}
      </select>
      {!user.hasIdentity && state !== 'disabled' && (
        <Button disabled={busy} onClick={() => renewLink(id)}>
          {fill(words.newLink, { who: <span className="sr-only">{words.forWhom(name)}</span> })}
        </Button>
      )}
      {hasSignOn && state !== 'disabled' && <AllowIdentity {...{ user, busy, change }} />}
      {user.hasSecondFactor && (
        <Button disabled={busy} onClick={() => change(() => resetSecondFactorAction(id))}>
          {fill(words.resetSecondFactor, { whose: <span className="sr-only">{words.whose(name)}</span> })}
        </Button>
      )}
      {state === 'disabled' ? (
        <Button disabled={busy} onClick={() => change(() => enableUserAction(id))}>
          {fill(words.enable, { who })}
        </Button>
      ) : (
        <Button disabled={busy} onClick={disable} onBlur={() => setSure(false)}>
          {fill(sure ? words.reallyDisable : words.disable, { who })}
        </Button>
      )}
    </div>
  );
}

/** One user: who, what they may, when they were here, and what an admin can change. */
export function UserLine({
  user,
  roles,
  may,
  isSelf,
  hasSignOn,
}: {
  user: UserRow;
  roles: readonly Role[];
  may: boolean;
  isSelf: boolean;
  /** There is a single sign-on to come with. */
  hasSignOn: boolean;
}) {
  const { busy, problem, dialog, link, change, renewLink } = useChange();
  return (
    <li className="flex flex-col gap-3 border-line border-t p-4 first:border-t-0 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <p className="font-medium break-words">
            {user.name}
            {isSelf && <span className="font-normal text-quiet"> {words.you}</span>}
          </p>
          <p className="text-sm break-words text-quiet">
            {user.email !== user.name && `${user.email} · `}
            {!may && `${roleWord(user.role)} · `}
            {user.state === 'disabled' && `${words.disabled} · `}
            <Seen user={user} />
            {user.hasSecondFactor && ` · ${words.secondFactor}`}
            {limitedTo(user)}
          </p>
        </div>
        {may && <Controls {...{ user, roles, hasSignOn, busy, change, renewLink }} />}
      </div>
      {may && user.role !== 'admin' && user.state !== 'disabled' && (
        <Limits user={user} busy={busy} change={change} />
      )}
      {user.identityAllowedUntil !== null && (
        <IdentityAllowed email={user.email} until={user.identityAllowedUntil} />
      )}
      {link !== null && <OneTimeLink key={link} about={inviteLink.giveAgain(user.email)} link={link} />}
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
      {dialog}
    </li>
  );
}
