import type { Metadata } from 'next';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
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

export const metadata: Metadata = { title: 'Approval' };

function Standing({ approval: { needed, given, until, reason, ticket } }: { approval: ApprovalView }) {
  return (
    <Panel title="Approvals">
      <p>
        {given.length} of {needed} approved
        {until !== null && (
          <>
            {' '}
            · until <Moment at={until} />
          </>
        )}
      </p>
      {given.map(({ name, at }) => (
        <p key={name} className="text-sm text-quiet">
          {name}, <Ago at={at} />
        </p>
      ))}
      <p className="mt-3 text-sm">
        <span className="text-quiet">Reason: </span>
        {reason ?? 'none was given'}
      </p>
      {ticket !== null && (
        <p className="text-sm break-words">
          <span className="text-quiet">Ticket: </span>
          {ticket}
        </p>
      )}
    </Panel>
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
  const { plan, radius, requestedBy, requestedAt, waits, refusal } = approval;
  const may = approveRotation.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/approvals">Approvals</TextLink>}
        title={`Rotate ${plan.credential}`}
        about={
          <>
            {plan.issuer} · {requestedBy} asked <Ago at={requestedAt} /> ·{' '}
            <TextLink href={`/rotations/${rotationId}`}>The rotation</TextLink>
          </>
        }
      />
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_minmax(17rem,22rem)]">
        <div className="flex min-w-0 flex-col gap-5 rounded-lg border border-line bg-surface p-5 shadow-xs">
          <h2 className="text-lg font-semibold">The plan</h2>
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
        <div className="flex min-w-0 flex-col gap-6">
          <Standing approval={approval} />
          {!waits && <Notice tone="info">It does not wait for an approval any more.</Notice>}
          {waits && !may && (
            <Notice tone="info">
              Approving takes the role {approveRotation.may.join(' or ')}; an admin can grant it.
            </Notice>
          )}
          {waits && may && refusal !== null && <Notice tone="info">{refusal}</Notice>}
          {waits && may && refusal === null && <Decide rotationId={rotationId} digest={plan.digest} />}
        </div>
      </div>
    </>
  );
}
