'use client';

import { Notice } from '#app/_components/notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';

/** Whether somebody asked to break the glass, and what came of it. */
export function Glass({
  progress: { breakGlass, outcome },
}: {
  progress: Pick<RotationProgress, 'breakGlass' | 'outcome'>;
}) {
  if (breakGlass === null) {
    return null;
  }
  const { state, requestedBy, reason, until, decidedBy, refusedBecause, conclusion, reviewedBy } = breakGlass;
  switch (state) {
    case 'asked':
      return (
        <Notice tone="warn">
          {requestedBy} asked to break the glass: {reason} Nothing is revoked by that before a second person
          confirms it in <TextLink href="/approvals#break-glass">Approvals</TextLink>, until{' '}
          <Moment at={until} />.
        </Notice>
      );
    case 'broken':
      return conclusion === null ? (
        <Notice tone="bad">
          The glass was broken by {requestedBy},{' '}
          {decidedBy === null
            ? 'alone, because nobody else could confirm it'
            : `and ${decidedBy} confirmed it`}
          : {reason} <TextLink href="/approvals#reviews">Its review</TextLink> is open.
        </Notice>
      ) : (
        <Notice tone="info">
          The glass was broken by {requestedBy}: {reason} {reviewedBy} closed the review: {conclusion}
        </Notice>
      );
    case 'refused':
      return outcome === null ? (
        <Notice tone="info">
          {requestedBy} asked to break the glass; {decidedBy} refused: {refusedBecause} Nothing was revoked by
          it.
        </Notice>
      ) : null;
    default:
      return outcome === null ? (
        <Notice tone="info">
          {requestedBy} asked to break the glass, and nobody confirmed it until <Moment at={until} />. Nothing
          was revoked by it. It can be asked for again.
        </Notice>
      ) : null;
  }
}
