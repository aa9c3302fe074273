import type { Metadata } from 'next';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import { strategyWords } from '#app/_components/words.ts';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { progressOf } from '#app/_doors/rotation-progress.ts';
import { LiveRotation } from '#app/(console)/rotations/[id]/live-rotation.tsx';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { resumeRotation } from '#core/rotation/resume-rotation.ts';

export const metadata: Metadata = { title: 'Rotation' };

export default async function RotationPage({ params }: PageProps<'/rotations/[id]'>) {
  const actor = await currentActor();
  const { id: rotationId } = await params;
  const found = await ask(() => readRotation(actor, { rotationId }));
  if (!found.ok) {
    return <Notice tone="bad">{found.message}</Notice>;
  }
  const rotation = found.value;
  return (
    <>
      <PageHeader
        above={<TextLink href={`/credentials/${rotation.credentialId}`}>{rotation.credential}</TextLink>}
        title={`Rotation of ${rotation.credential}`}
        about={
          <>
            {strategyWords[rotation.strategy]} strategy · asked for by {rotation.requestedBy} ·{' '}
            <Moment at={rotation.createdAt} />
            {rotation.reason !== null && <span className="block break-words">Reason: {rotation.reason}</span>}
          </>
        }
        actions={<TextLink href={`/audit?rotation=${rotation.id}`}>Audit log of this rotation</TextLink>}
      />
      <LiveRotation
        initial={progressOf(rotation)}
        mayAct={resumeRotation.may.includes(actor.role)}
        takesRole={resumeRotation.may.join(' or ')}
      />
    </>
  );
}
