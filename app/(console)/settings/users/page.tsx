import type { Metadata } from 'next';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { count } from '#app/_words/rotation.ts';
import { InviteForm } from '#app/(console)/settings/users/invite-form.tsx';
import { RuleSwitch } from '#app/(console)/settings/users/rule.tsx';
import { UserLine } from '#app/(console)/settings/users/user-line.tsx';
import { roles } from '#core/access/actor.ts';
import { createUser } from '#core/users/create-user.ts';
import { listUsers } from '#core/users/list-users.ts';
import { readSecondFactorRule } from '#core/users/read-second-factor-rule.ts';
import { requireSecondFactor } from '#core/users/require-second-factor.ts';

export const metadata: Metadata = { title: 'Users' };

function Rule({
  rule: { required, without },
  may,
}: {
  rule: Awaited<ReturnType<typeof readSecondFactorRule>>;
  may: boolean;
}) {
  return (
    <Panel title="Second factor">
      <div className="flex flex-col items-start gap-3">
        <p>
          {required === null ? (
            'Optional: everybody decides for themselves.'
          ) : (
            <>
              Required of everybody since <Moment at={required.at} />, by {required.by}.
            </>
          )}{' '}
          {count(without, 'user')} with a password {without === 1 ? 'has' : 'have'} none.
        </p>
        <p className="max-w-prose text-sm text-quiet">
          Where it is required, who has none is sent to set one up and can do nothing else before. Who comes
          through the single sign-on is exempt, because their identity provider asks for its own factors; API
          clients are not concerned.
        </p>
        {may && <RuleSwitch required={required !== null} />}
      </div>
    </Panel>
  );
}

export default async function UsersPage() {
  const actor = await currentActor();
  const listed = await ask(() => listUsers(actor, {}));
  const rule = listed.ok ? await readSecondFactorRule(actor, {}) : null;
  const may = createUser.may.includes(actor.role);
  return (
    <div className="flex flex-col gap-6">
      <PageHeader title="Users" about="Who may sign in, and what they may do." />
      {!listed.ok && <Notice tone="bad">{listed.message}</Notice>}
      {listed.ok && (
        <ul aria-label="Users" className="-mt-6 rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((user) => (
            <UserLine key={user.id} user={user} roles={roles} may={may} isSelf={user.id === actor.id} />
          ))}
        </ul>
      )}
      {may && <InviteForm roles={roles} />}
      {rule !== null && <Rule rule={rule} may={requireSecondFactor.may.includes(actor.role)} />}
    </div>
  );
}
