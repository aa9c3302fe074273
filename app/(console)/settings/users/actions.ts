'use server';

import { type Answer, answer } from '#app/_doors/answer.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import type { Role } from '#core/access/actor.ts';
import { allowIdentity } from '#core/users/allow-identity.ts';
import { changeRole } from '#core/users/change-role.ts';
import { changeScope } from '#core/users/change-scope.ts';
import { disableUser } from '#core/users/disable-user.ts';
import { enableUser } from '#core/users/enable-user.ts';
import { resetSecondFactor } from '#core/users/reset-second-factor.ts';

export async function changeRoleAction(userId: string, role: Role): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changeRole(actor, { userId, role }));
}

export async function disableUserAction(userId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => disableUser(actor, { userId }));
}

export async function enableUserAction(userId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => enableUser(actor, { userId }));
}

export async function allowIdentityAction(userId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => allowIdentity(actor, { userId }));
}

export async function resetSecondFactorAction(userId: string): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => resetSecondFactor(actor, { userId }));
}

export async function changeScopeAction(
  userId: string,
  environments: string[],
  labels: string[],
): Promise<Answer<void>> {
  const actor = await currentActor();
  return answer(() => changeScope(actor, { userId, environments, labels }));
}
