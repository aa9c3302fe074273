import { CircleCheckBig } from 'lucide-react';
import type { Metadata } from 'next';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { type AskedGlass, Glass } from '#app/(console)/approvals/glass.tsx';
import type { Actor } from '#core/access/actor.ts';
import { type ApprovalRow, listApprovals } from '#core/rotation/list-approvals.ts';
import { type BreakGlassRow, listBreakGlass } from '#core/rotation/list-break-glass.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';

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

async function askedGlass(actor: Actor, rows: readonly BreakGlassRow[]): Promise<AskedGlass[]> {
  const asked = rows.filter(({ state }) => state === 'asked');
  return Promise.all(
    asked.map(async (row) => ({
      row,
      rotation: await readRotation(actor, { rotationId: row.rotationId }),
    })),
  );
}

export default async function ApprovalsPage() {
  const actor = await currentActor();
  const listed = await ask(() => listApprovals(actor, {}));
  const glass = await listBreakGlass(actor, {});
  return (
    <>
      <PageHeader title="Approvals" about="What waits for other people to read it and to decide." />
      <Glass
        asked={await askedGlass(actor, glass)}
        reviews={glass.filter(({ state }) => state === 'review_open')}
        role={actor.role}
      />
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
