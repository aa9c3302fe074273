'use client';

import { Panel } from '#app/_components/panel.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import {
  type Asked,
  actionWords,
  atOnceDoes,
  notOffered,
  type Offered,
  offered,
} from '#app/_words/actions.ts';
import { actionsPanel as words } from '#app/_words/rotation-page.ts';
import { ActionButtons } from '#app/(console)/rotations/[id]/action-buttons.tsx';
import type { Role } from '#core/access/actor.ts';

/** What can be done about an open rotation, and why not what people look for and do not find. */
export function Actions({
  progress,
  may,
  takesRole,
  ask,
}: {
  progress: RotationProgress;
  may: readonly Offered[];
  takesRole: readonly Role[];
  ask(action: Asked): void;
}) {
  const safe: readonly string[] = progress.safeActions;
  // What is safe to do about a hold, or about a failure, stands beside its reason.
  const here = offered(progress, may).filter((action) => action !== 'try_now' && !safe.includes(action));
  const refused = notOffered(progress);
  if (may.length === 0) {
    return (
      <Panel title={words.title}>
        <p className="text-quiet">{words.roleNeeded(takesRole)}</p>
      </Panel>
    );
  }
  return (
    <Panel title={words.title}>
      <div className="flex flex-col gap-3">
        {here.length > 0 && <ActionButtons rotationId={progress.id} actions={here} ask={ask} />}
        {here.includes('retry') && <p className="text-sm text-quiet">{atOnceDoes('retry')}</p>}
        {refused.length > 0 && (
          <ul className="flex flex-col gap-1 text-sm text-quiet">
            {refused.map(({ action, why }) => (
              <li key={action}>
                <span className="font-medium">{actionWords[action].confirm}:</span> {why}
              </li>
            ))}
          </ul>
        )}
        {here.length + refused.length === 0 && <p className="text-quiet">{words.nothing}</p>}
      </div>
    </Panel>
  );
}
