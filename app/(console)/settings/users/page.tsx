import type { Metadata } from 'next';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { singleSignOn } from '#app/_doors/single-sign-on.ts';
import { secondFactorRule, usersPage } from '#app/_words/settings.ts';
import { InviteForm } from '#app/(console)/settings/users/invite-form.tsx';
import { RuleSwitch } from '#app/(console)/settings/users/rule.tsx';
import { UserLine } from '#app/(console)/settings/users/user-line.tsx';
import { roles } from '#core/access/actor.ts';
import { createUser } from '#core/users/create-user.ts';
import { listUsers } from '#core/users/list-users.ts';
import { readSecondFactorRule } from '#core/users/read-second-factor-rule.ts';
import { requireSecondFactor } from '#core/users/require-second-factor.ts';

export const metadata: Metadata = { title: usersPage.title };

function Rule({
  rule: { required, without },
  may,
}: {
  rule: Awaited<ReturnType<typeof readSecondFactorRule>>;
  may: boolean;
}) {
  return (
    <Panel title={secondFactorRule.title}>
      <div className="flex flex-col items-start gap-3">
        <p>
          {required === null
            ? secondFactorRule.optional
            : fill(secondFactorRule.required, { at: <Moment at={required.at} />, by: required.by })}{' '}
          {secondFactorRule.without(without)}
        </p>
        <p className="max-w-prose text-sm text-quiet">{secondFactorRule.about}</p>
        {may && <RuleSwitch required={required !== null} />}
      </div>
    </Panel>
  );
}

export default async function UsersPage() {
  const actor = await currentActor();
  const listed = await ask(() => listUsers(actor, {}));
  const rule = listed.ok ? await readSecondFactorRule(actor, {}) : null;
  const hasSignOn = singleSignOn() !== null;
  const may = createUser.may.includes(actor.role);
  return (
    <div className="flex flex-col gap-6">
      <PageHeader title={usersPage.title} about={usersPage.about} />
      {!listed.ok && <Notice tone="bad">{listed.message}</Notice>}
      {listed.ok && (
        <ul aria-label={usersPage.list} className="-mt-6 rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((user) => (
            <UserLine
              key={user.id}
              user={user}
              roles={roles}
              may={may}
              isSelf={user.id === actor.id}
              hasSignOn={hasSignOn}
            />
          ))}
        </ul>
      )}
      {may && <InviteForm roles={roles} />}
      {rule !== null && <Rule rule={rule} may={requireSecondFactor.may.includes(actor.role)} />}
    </div>
  );
}
