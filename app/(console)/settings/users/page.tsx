import type { Metadata } from 'next';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { InviteForm } from '#app/(console)/settings/users/invite-form.tsx';
import { UserLine } from '#app/(console)/settings/users/user-line.tsx';
import { roles } from '#core/access/actor.ts';
import { createUser } from '#core/users/create-user.ts';
import { listUsers } from '#core/users/list-users.ts';

export const metadata: Metadata = { title: 'Users' };

export default async function UsersPage() {
  const actor = await currentActor();
  const listed = await ask(() => listUsers(actor, {}));
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
    </div>
  );
}
