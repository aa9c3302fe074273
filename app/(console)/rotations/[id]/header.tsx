'use client';

import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { strategyWords } from '#app/_words/rotation.ts';

/** What the page is about. Its title turns with the rotation. */
export function Header({ progress }: { progress: RotationProgress }) {
  const {
    id,
    credential,
    credentialId,
    strategy,
    direction,
    outcome,
    requestedBy,
    createdAt,
    reason,
    ticket,
  } = progress;
  const back = direction === 'back' && outcome === null;
  return (
    <PageHeader
      above={<TextLink href={`/credentials/${credentialId}`}>{credential}</TextLink>}
      title={back ? `Rolling back ${credential}` : `Rotation of ${credential}`}
      about={
        <>
          {strategyWords[strategy]} strategy · asked for by {requestedBy} · <Moment at={createdAt} />
          {reason !== null && <span className="block break-words">Reason: {reason}</span>}
          {ticket !== null && <span className="block break-words">Ticket: {ticket}</span>}
        </>
      }
      actions={<TextLink href={`/audit?q=rotation:${id}`}>Audit log of this rotation</TextLink>}
    />
  );
}
