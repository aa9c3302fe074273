import type { Metadata } from 'next';
import { Notice } from '#app/_components/notice.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { progressOf } from '#app/_doors/rotation-progress.ts';
import type { Offered } from '#app/_words/actions.ts';
import { rotationPage as words } from '#app/_words/rotation-page.ts';
import { LiveRotation } from '#app/(console)/rotations/[id]/live-rotation.tsx';
import type { Role } from '#core/access/actor.ts';
import { changeIssuer } from '#core/issuers/change-issuer.ts';
import { abandonRotation } from '#core/rotation/abandon-rotation.ts';
import { approveRotation } from '#core/rotation/approve-rotation.ts';
import { breakGlass } from '#core/rotation/break-glass.ts';
import { cancelRotation } from '#core/rotation/cancel-rotation.ts';
import { confirmBinding } from '#core/rotation/confirm-binding.ts';
import { extendOverlap } from '#core/rotation/extend-overlap.ts';
import { holdRotation } from '#core/rotation/hold-rotation.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';
import { retryRotation } from '#core/rotation/retry-rotation.ts';
import { revokeNow } from '#core/rotation/revoke-now.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import { submitSecret } from '#core/rotation/submit-secret.ts';
import { tryNow } from '#core/rotation/try-now.ts';

export const metadata: Metadata = { title: words.title };

/** Who may do what stands with each use case. */
const mayAct: Record<Offered, readonly Role[]> = {
  resume: resumeRotation.may,
  retry: retryRotation.may,
  try_now: tryNow.may,
  confirm: confirmBinding.may,
  extend: extendOverlap.may,
  hold: holdRotation.may,
  cancel: cancelRotation.may,
  roll_back: rollBackRotation.may,
  revoke_now: revokeNow.may,
  break_glass: breakGlass.may,
  abandon: abandonRotation.may,
};

const allowedTo = (role: Role) =>
  (Object.keys(mayAct) as Offered[]).filter((action) => mayAct[action].includes(role));

export default async function RotationPage({ params }: PageProps<'/rotations/[id]'>) {
  const actor = await currentActor();
  const { id: rotationId } = await params;
  const found = await ask(() => readRotation(actor, { rotationId }));
  if (!found.ok) {
    return <Notice tone="bad">{found.message}</Notice>;
  }
  return (
    <LiveRotation
      initial={progressOf(found.value)}
      may={allowedTo(actor.role)}
      maySubmit={submitSecret.may.includes(actor.role)}
      role={actor.role}
      takesRole={resumeRotation.may}
      mayApprove={approveRotation.may}
      mayChange={changeIssuer.may}
    />
  );
}
