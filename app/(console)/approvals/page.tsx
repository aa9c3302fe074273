import { CircleCheckBig } from 'lucide-react';
import type { Metadata } from 'next';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { type ApprovalRow, listApprovals } from '#core/rotation/list-approvals.ts';

export const metadata: Metadata = { title: 'Approvals' };

function Row({ approval }: { approval: ApprovalRow }) {
  const { rotationId, credential, environment, requestedBy, requestedAt, given, needed, until } = approval;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-1 border-line border-t p-4 first:border-t-0 sm:px-5">
      <div className="min-w-0 flex-1 basis-60">
        <TextLink href={`/approvals/${rotationId}`} className="font-semibold break-words">
          {credential}
        </TextLink>
        <p className="text-sm break-words text-quiet">
          {environment} · {requestedBy} asked <Ago at={requestedAt} />
        </p>
      </div>
      <p className="text-sm">
        {given} of {needed} approved
      </p>
      {until !== null && (
        <p className="text-sm text-quiet">
          until <Moment at={until} />
        </p>
      )}
    </li>
  );
}

export default async function ApprovalsPage() {
  const actor = await currentActor();
  const listed = await ask(() => listApprovals(actor, {}));
  return (
    <>
      <PageHeader title="Approvals" about="Rotations that wait for other people to approve their plan." />
      {!listed.ok && <Notice tone="bad">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && (
        <Empty icon={CircleCheckBig} title="Nothing waits for an approval.">
          A policy can want one or two approvals. Rotations of its credentials wait here until others than the
          one who asked have read the plan and agreed.
        </Empty>
      )}
      {listed.ok && listed.value.length > 0 && (
        <ul aria-label="Approvals" className="rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((approval) => (
            <Row key={approval.rotationId} approval={approval} />
          ))}
        </ul>
      )}
    </>
  );
}
