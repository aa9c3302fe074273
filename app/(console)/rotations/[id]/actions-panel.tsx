'use client';

import { type Asked, actionWords, notOffered, type Offered, offered } from '#app/_components/action-words.ts';
import { Panel } from '#app/_components/panel.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { ActionButtons } from '#app/(console)/rotations/[id]/action-buttons.tsx';

/** What can be done about an open rotation, and why not what people look for and do not find. */
export function Actions({
  progress,
  may,
  takesRole,
  ask,
}: {
  progress: RotationProgress;
  may: readonly Offered[];
  takesRole: string;
  ask(action: Asked): void;
}) {
  const safe: readonly string[] = progress.safeActions;
  // What is safe to do about a hold stands beside its reason.
  const here = offered(progress, may).filter((action) => !safe.includes(action));
  return (
    <Panel title="Actions">
      {may.length === 0 ? (
        <p className="text-quiet">Acting on a rotation takes the role {takesRole}; an admin can grant it.</p>
      ) : (
        here.length > 0 && <ActionButtons rotationId={progress.id} actions={here} ask={ask} />
      )}
      {may.length > 0 && (
        <ul className="mt-3 flex flex-col gap-1 text-sm text-quiet">
          {notOffered(progress).map(({ action, why }) => (
            <li key={action}>
              <span className="font-medium">{actionWords[action].confirm}:</span> {why}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
