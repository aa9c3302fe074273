'use client';

import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { SentenceLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { glassNotice as words } from '#app/_words/rotation-page.ts';

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
          {fill(words.asked, {
            person: requestedBy,
            reason,
            approvals: <SentenceLink href="/approvals#break-glass">{words.approvals}</SentenceLink>,
            end: <Moment at={until} />,
          })}
        </Notice>
      );
    case 'broken':
      return conclusion === null ? (
        <Notice tone="bad">
          {decidedBy === null
            ? words.brokenAlone(requestedBy, reason)
            : words.brokenByTwo(requestedBy, decidedBy, reason)}{' '}
          {fill(words.reviewOpen, {
            review: <SentenceLink href="/approvals#reviews">{words.review}</SentenceLink>,
          })}
        </Notice>
      ) : (
        <Notice tone="info">
          {fill(words.reviewed, { person: requestedBy, reason, reviewer: reviewedBy, conclusion })}
        </Notice>
      );
    case 'refused':
      return outcome === null ? (
        <Notice tone="info">
          {fill(words.refused, { person: requestedBy, second: decidedBy, why: refusedBecause })}
        </Notice>
      ) : null;
    default:
      return outcome === null ? (
        <Notice tone="info">{fill(words.lapsed, { person: requestedBy, end: <Moment at={until} /> })}</Notice>
      ) : null;
  }
}
