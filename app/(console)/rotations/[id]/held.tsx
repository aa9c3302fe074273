'use client';

import { Notice } from '#app/_components/notice.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import type { Asked, Offered } from '#app/_words/actions.ts';
import { rotationHeld as words } from '#app/_words/rotation-page.ts';
import { standing } from '#app/_words/standing.ts';
import { ActionButtons } from '#app/(console)/rotations/[id]/action-buttons.tsx';
import { AwaitedApproval } from '#app/(console)/rotations/[id]/awaited-approval.tsx';
import { NewSettings } from '#app/(console)/rotations/[id]/new-settings.tsx';
import type { Role } from '#core/access/actor.ts';

/** Why a rotation waits for a person, what state things are in, and what can safely be done. */
export function Held({
  progress,
  hold,
  may,
  role,
  takesRole,
  mayApprove,
  mayChange,
  ask,
}: {
  progress: RotationProgress;
  hold: NonNullable<RotationProgress['hold']>;
  may: readonly Offered[];
  role: Role;
  takesRole: readonly Role[];
  mayApprove: readonly Role[];
  mayChange: readonly Role[];
  ask(action: Asked): void;
}) {
  const safe = progress.safeActions.flatMap((action) => may.find((one) => one === action) ?? []);
  return (
    <Notice tone="warn">
      <h2 className="font-semibold">{words.title(hold.sentence)}</h2>
      {hold.detail !== null && <p className="mt-1 break-words">{hold.detail}</p>}
      <p className="mt-1">{standing(progress)}</p>
      <p className="mt-1">{hold.next}</p>
      {hold.reason === 'permission_missing' && mayChange.includes(role) && (
        <NewSettings systems={progress.systems} />
      )}
      {progress.approval !== null && (
        <AwaitedApproval
          rotationId={progress.id}
          approval={progress.approval}
          role={role}
          mayApprove={mayApprove}
        />
      )}
      <div className="mt-3 mb-1">
        {may.length > 0 ? (
          <ActionButtons rotationId={progress.id} actions={safe} ask={ask} />
        ) : (
          <p className="text-quiet">{words.roleNeeded(takesRole)}</p>
        )}
      </div>
    </Notice>
  );
}
