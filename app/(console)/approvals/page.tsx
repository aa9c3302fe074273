import { CircleCheckBig } from 'lucide-react';
import type { Metadata } from 'next';
import { Chips } from '#app/_components/choice-filter.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { FreshPage } from '#app/_components/running.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { environmentOf } from '#app/_doors/environment.ts';
import { addressOf } from '#app/_doors/query.ts';
import { approvalStanding, approvalList as words } from '#app/_words/approvals.ts';
import { common } from '#app/_words/common.ts';
import { type AskedGlass, Glass } from '#app/(console)/approvals/glass.tsx';
import type { Actor } from '#core/access/actor.ts';
import { type ApprovalRow, listApprovals } from '#core/rotation/list-approvals.ts';
import { type BreakGlassRow, listBreakGlass } from '#core/rotation/list-break-glass.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';

export const metadata: Metadata = { title: words.title };

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
          {environment} ·{' '}
          {fill(approvalStanding.asked, { person: requestedBy, ago: <Ago at={requestedAt} /> })}
        </p>
      </div>
      <p className="text-sm">{approvalStanding.given(given, needed)}</p>
      {until !== null && (
        <p className="text-sm text-quiet">{fill(approvalStanding.until, { end: <Moment at={until} /> })}</p>
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
      title={environment === undefined ? words.nothing : words.nothingIn(environment)}
    >
      {environment === undefined ? (
        words.whatWaitsHere
      ) : (
        <TextLink href={everywhere}>{words.showAll}</TextLink>
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
      <FreshPage />
      <PageHeader title={words.title} about={words.about} />
      <Glass
        asked={await askedGlass(actor, glass)}
        reviews={glass.filter(({ state }) => state === 'review_open')}
        role={actor.role}
      />
      {environment !== undefined && (
        <Chips chips={[{ name: common.environment, value: environment, without: everywhere }]} />
      )}
      {!listed.ok && <Notice tone="bad">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && <Nothing environment={environment} />}
      {listed.ok && listed.value.length > 0 && (
        <ul aria-label={words.title} className="rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((approval) => (
            <Row key={approval.rotationId} approval={approval} />
          ))}
        </ul>
      )}
    </>
  );
}
