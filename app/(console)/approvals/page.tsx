import { CircleCheckBig } from 'lucide-react';
import type { Metadata } from 'next';
import { Chips } from '#app/_components/choice-filter.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { environmentOf } from '#app/_doors/environment.ts';
import { addressOf } from '#app/_doors/query.ts';
import { type AskedGlass, Glass } from '#app/(console)/approvals/glass.tsx';
import type { Actor } from '#core/access/actor.ts';
import { type ApprovalRow, listApprovals } from '#core/rotation/list-approvals.ts';
import { type BreakGlassRow, listBreakGlass } from '#core/rotation/list-break-glass.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';

export const metadata: Metadata = { title: 'Approvals' };

const PATH = '/approvals';
const everywhere = addressOf(PATH, { environment: 'all' });

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

function Nothing({ environment }: { environment: string | undefined }) {
  return (
    <Empty
      icon={CircleCheckBig}
      title={
        environment === undefined
          ? 'Nothing waits for an approval.'
          : `Nothing in ${environment} waits for an approval.`
      }
    >
      {environment === undefined ? (
        'A policy can want one or two approvals. Rotations of its credentials wait here until others than the one who asked have read the plan and agreed.'
      ) : (
        <TextLink href={everywhere}>Show all approvals</TextLink>
      )}
    </Empty>
  );
}

export default async function ApprovalsPage({ searchParams }: PageProps<'/approvals'>) {
  const actor = await currentActor();
  const environment = await environmentOf(PATH, await searchParams);
  const listed = await ask(() => listApprovals(actor, { environment }));
  // A broken glass is pressing, so it is shown whatever the lists are switched to.
  const glass = await listBreakGlass(actor, {});
  return (
    <>
      <PageHeader title="Approvals" about="What waits for other people to read it and to decide." />
      <Glass
        asked={await askedGlass(actor, glass)}
        reviews={glass.filter(({ state }) => state === 'review_open')}
        role={actor.role}
      />
      {environment !== undefined && (
        <Chips chips={[{ name: 'Environment', value: environment, without: everywhere }]} />
      )}
      {!listed.ok && <Notice tone="bad">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && <Nothing environment={environment} />}
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
