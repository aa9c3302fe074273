import { redirect } from 'next/navigation';
import { currentActor } from '#app/_doors/current-actor.ts';
import { listUsers } from '#core/users/list-users.ts';

export default async function SettingsPage(): Promise<never> {
  const { role } = await currentActor();
  redirect(listUsers.may.includes(role) ? '/settings/users' : '/settings/sessions');
}
