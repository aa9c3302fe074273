import type { Metadata } from 'next';
import { Suspense } from 'react';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { FreshPage } from '#app/_components/running.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { environmentOf } from '#app/_doors/environment.ts';
import { overviewPage as words } from '#app/_words/overview.ts';
import { Attention } from '#app/(console)/overview/attention.tsx';
import { Counters } from '#app/(console)/overview/counters.tsx';
import { FirstSteps } from '#app/(console)/overview/first-steps.tsx';
import { SystemStrip } from '#app/(console)/overview/system-strip.tsx';
import { Timeline } from '#app/(console)/overview/timeline.tsx';
import { Trends } from '#app/(console)/overview/trends.tsx';
import type { Actor } from '#core/access/actor.ts';
import { readOverview } from '#core/credentials/read-overview.ts';
import { listUpcoming } from '#core/policies/list-upcoming.ts';
import { readTrends } from '#core/rotation/read-trends.ts';

export const metadata: Metadata = { title: words.title };

const DAYS = 30;

interface Scope {
  actor: Actor;
  environment: string | undefined;
}

async function Upcoming({ actor, environment, now }: Scope & { now: string }) {
  const to = new Date(Date.parse(now) + DAYS * 86_400_000).toISOString();
  const asked = await ask(() => listUpcoming(actor, { from: now, to, environment }));
  return asked.ok ? (
    <Timeline upcoming={asked.value} environment={environment} days={DAYS} />
  ) : (
    <Notice tone="bad">{asked.message}</Notice>
  );
}

async function LastWeeks({ actor, environment }: Scope) {
  const asked = await ask(() => readTrends(actor, { environment }));
  return asked.ok ? <Trends trends={asked.value} /> : <Notice tone="bad">{asked.message}</Notice>;
}

function Loading({ says }: { says: string }) {
  return (
    <p aria-busy="true" className="rounded-lg border border-line bg-surface px-5 py-8 text-quiet">
      {says}
    </p>
  );
}

export default async function OverviewPage({ searchParams }: PageProps<'/overview'>) {
  const actor = await currentActor();
  const environment = await environmentOf('/overview', await searchParams);
  const asked = await ask(() => readOverview(actor, { environment }));
  if (!asked.ok) {
    return <Notice tone="bad">{asked.message}</Notice>;
  }
  const { now, counters, system } = asked.value;
  return (
    <>
      <FreshPage />
      <PageHeader
        title={words.title}
        about={environment === undefined ? words.ofAll : words.ofOne(environment)}
      />
      <div className="flex flex-col gap-6">
        {!system.has.rotated && <FirstSteps has={system.has} role={actor.role} />}
        <Counters counters={counters} environment={environment} />
        <Attention overview={asked.value} environment={environment} />
        <Suspense fallback={<Loading says={words.readingNext(DAYS)} />}>
          <Upcoming actor={actor} environment={environment} now={now} />
        </Suspense>
        <Suspense fallback={<Loading says={words.readingTrends} />}>
          <LastWeeks actor={actor} environment={environment} />
        </Suspense>
        <SystemStrip system={system} />
      </div>
    </>
  );
}
