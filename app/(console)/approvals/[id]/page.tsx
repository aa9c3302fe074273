import type { Metadata } from 'next';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import {
  approvalStanding,
  approvalWait,
  approveSentence,
  approvalPage as words,
} from '#app/_words/approvals.ts';
import { graceWords } from '#app/_words/rhythm.ts';
import { leavesOverlap } from '#app/_words/rotation.ts';
import { Decide } from '#app/(console)/approvals/[id]/decide.tsx';
import { BlastRadiusView } from '#app/(console)/credentials/[id]/blast-radius-view.tsx';
import {
  PlanGap,
  PlanPointOfNoReturn,
  PlanSteps,
  PlanStrategy,
  PlanWanted,
} from '#app/(console)/credentials/[id]/plan-view.tsx';
import { approveRotation } from '#core/rotation/approve-rotation.ts';
import { type ApprovalView, readApproval } from '#core/rotation/read-approval.ts';

export const metadata: Metadata = { title: words.tab };

function Standing({ approval: { needed, given, until, reason, ticket } }: { approval: ApprovalView }) {
  return (
    <Panel title={words.approvals}>
      <p>
        {approvalStanding.given(given.length, needed)}
        {until !== null && <> · {fill(approvalStanding.until, { end: <Moment at={until} /> })}</>}
      </p>
      {given.map(({ name, at }) => (
        <p key={name} className="text-sm text-quiet">
          {name}, <Ago at={at} />
        </p>
      ))}
      <p className="mt-3 text-sm">
        <span className="text-quiet">{words.reason} </span>
        {reason ?? words.noReason}
      </p>
      {ticket !== null && (
        <p className="text-sm break-words">
          <span className="text-quiet">{words.ticket} </span>
          {ticket}
        </p>
      )}
    </Panel>
  );
}

/** Why the reader does not approve, and who can. Nothing where they may. */
function NotYours({ approval, may }: { approval: ApprovalView; may: boolean }) {
  const { waits, refusal, needed, given, approvers } = approval;
  if (!waits) {
    return <Notice tone="info">{words.waitsNoMore}</Notice>;
  }
  if (may && refusal === null) {
    return null;
  }
  return (
    <Notice tone="info">
      <p>{may ? refusal : words.roleNeeded(approveRotation.may)}</p>
      <p className="mt-1">
        {approvalWait.missing(needed - given.length)} {approvalWait.who(approvers, approveRotation.may)}
      </p>
    </Notice>
  );
}

export default async function ApprovalPage({ params }: PageProps<'/approvals/[id]'>) {
  const actor = await currentActor();
  const { id: rotationId } = await params;
  const found = await ask(() => readApproval(actor, { rotationId }));
  if (!found.ok) {
    return <Notice tone="bad">{found.message}</Notice>;
  }
  const approval = found.value;
  const { plan, radius, requestedBy, requestedAt, waits, refusal, mayReject, needed, given } = approval;
  const may = approveRotation.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/approvals">{words.approvals}</TextLink>}
        title={words.title(plan.credential)}
        about={
          <>
            {plan.issuer} ·{' '}
            {fill(approvalStanding.asked, { person: requestedBy, ago: <Ago at={requestedAt} /> })} ·{' '}
            <SentenceLink href={`/rotations/${rotationId}`}>{words.rotation}</SentenceLink>
          </>
        }
      />
      {/* On a phone: who asks and why, then the plan, and the buttons in a bar that stays in view under both. */}
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_minmax(17rem,22rem)] xl:grid-rows-[auto_1fr]">
        <div className="flex min-w-0 flex-col gap-6 xl:col-start-2">
          <Standing approval={approval} />
          <NotYours approval={approval} may={may} />
        </div>
        <div className="flex min-w-0 flex-col gap-5 rounded-lg border border-line bg-surface p-4 shadow-xs sm:p-5 xl:col-start-1 xl:row-span-2 xl:row-start-1">
          <h2 className="text-lg font-semibold">{words.plan}</h2>
          <PlanStrategy plan={plan} />
          <PlanGap plan={plan} breach={false} />
          <PlanSteps plan={plan} breach={false} />
          <BlastRadiusView radius={radius} />
          <PlanWanted plan={plan} />
          {leavesOverlap(plan.strategy) && (
            <p className="text-sm text-quiet">{graceWords(plan.graceSeconds, plan.graceAfterUseSeconds)}</p>
          )}
          <PlanPointOfNoReturn plan={plan} breach={false} />
        </div>
        {waits && may && mayReject && (
          <Decide
            rotationId={rotationId}
            digest={plan.digest}
            sentence={refusal === null ? approveSentence(plan, needed - given.length) : null}
          />
        )}
      </div>
    </>
  );
}
