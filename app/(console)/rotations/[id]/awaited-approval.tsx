'use client';

import { fill } from '#app/_components/fill.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { approvalWait as words } from '#app/_words/approvals.ts';
import type { Role } from '#core/access/actor.ts';

/** Which approvals a rotation waits for, from whom, and where its plan is read. Only who may decide is told to. */
export function AwaitedApproval({
  rotationId,
  approval: { needed, given, until, refusal, approvers },
  role,
  mayApprove,
}: {
  rotationId: string;
  approval: NonNullable<RotationProgress['approval']>;
  role: Role;
  mayApprove: readonly Role[];
}) {
  const decides = mayApprove.includes(role) && refusal === null;
  return (
    <>
      <p className="mt-1">
        {words.missing(needed - given.length)} {!decides && mayApprove.includes(role) && `${refusal} `}
        {!decides && `${words.who(approvers, mayApprove)} `}
        {until !== null && fill(words.until, { end: <Moment at={until} /> })}
      </p>
      <p className="mt-1">
        <TextLink href={`/approvals/${rotationId}`}>{decides ? words.decide : words.see}</TextLink>
      </p>
    </>
  );
}
