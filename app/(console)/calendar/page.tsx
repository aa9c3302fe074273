import clsx from 'clsx';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { buttonClass } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { addressOf, type Given, one } from '#app/_doors/query.ts';
import { zoneOfReader } from '#app/_doors/zone.ts';
import {
  clockIn,
  collisionNotice,
  dayWords,
  monthWords,
  calendarPage as words,
} from '#app/_words/calendar.ts';
import { dateIn, daysOf, monthAfter, rangeOf } from '#app/(console)/calendar/days.ts';
import { DayList } from '#app/(console)/calendar/list.tsx';
import { Month } from '#app/(console)/calendar/month.tsx';
import { ZoneChoice } from '#app/(console)/calendar/zone-choice.tsx';
import { listUpcoming, type Upcoming } from '#core/policies/list-upcoming.ts';
import { isTimeZone } from '#core/schedule/wall-clock.ts';

export const metadata: Metadata = { title: words.title };

interface State {
  /** Unset: the month on a wide screen, the list on a phone. */
  view: 'month' | 'list' | undefined;
  month: string;
  zone: string;
}

const PATH = '/calendar';

function stateOf(given: Given): State {
  const [view, month = '', zone = ''] = [one(given, 'view'), one(given, 'month'), one(given, 'zone')];
  const known = isTimeZone(zone) ? zone : 'UTC';
  const now = dateIn(known, new Date().toISOString()).slice(0, 7);
  return {
    view: view === 'month' || view === 'list' ? view : undefined,
    month: /^20\d\d-(0[1-9]|1[0-2])$/.test(month) ? month : now,
    zone: known,
  };
}

const address = (state: State, change: Partial<State> = {}) => addressOf(PATH, { ...state, ...change });

/** An address that names no zone is completed by the reader's, so that a copied one shows everybody the same days and times. */
async function completeZone(given: Given): Promise<void> {
  const zone = given.zone === undefined ? await zoneOfReader() : undefined;
  if (zone !== undefined) {
    const asked = Object.fromEntries(Object.keys(given).map((name) => [name, one(given, name)]));
    redirect(addressOf(PATH, { ...asked, zone }));
  }
}

function Steps({ state }: { state: State }) {
  return (
    <div className="mb-4 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <nav aria-label={words.months} className="flex items-center gap-2">
        <TextLink href={address(state, { month: monthAfter(state.month, -1) })} className={buttonClass()}>
          <ChevronLeft aria-hidden className="size-4" />
          <span className="sr-only">{monthWords(monthAfter(state.month, -1))}</span>
        </TextLink>
        <h2 className="min-w-40 text-center font-semibold">
          {monthWords(state.month)}
          <span className="block text-sm font-normal text-quiet">{words.timesIn(state.zone)}</span>
        </h2>
        <TextLink href={address(state, { month: monthAfter(state.month, 1) })} className={buttonClass()}>
          <ChevronRight aria-hidden className="size-4" />
          <span className="sr-only">{monthWords(monthAfter(state.month, 1))}</span>
        </TextLink>
      </nav>
      <nav aria-label={words.view} className="flex gap-2">
        {(['month', 'list'] as const).map((view) => (
          <TextLink
            key={view}
            href={address(state, { view })}
            className={clsx(buttonClass(), state.view === view && 'bg-raised font-semibold')}
            aria-current={state.view === view ? 'true' : undefined}
          >
            {words.views[view]}
          </TextLink>
        ))}
      </nav>
      <ZoneChoice view={state.view} month={state.month} zone={state.zone} />
    </div>
  );
}

function Collisions({ upcoming, zone }: { upcoming: Upcoming; zone: string }) {
  const { collisions } = upcoming;
  if (collisions.length === 0) {
    return null;
  }
  return (
    <div className="mb-5">
      <Notice tone="warn">
        <p>{collisionNotice.about(collisions.length)}</p>
        <ul className="mt-1 list-inside list-disc">
          {collisions.slice(0, 5).map((one) => (
            <li key={`${one.application} ${one.from}`}>
              {collisionNotice.one({
                day: dayWords(dateIn(zone, one.from)),
                clock: clockIn(zone, one.from),
                application: one.application,
                credentials: [...new Set(one.runs.map(({ credential }) => credential))].join(', '),
              })}
            </li>
          ))}
        </ul>
        {collisions.length > 5 && <p>{collisionNotice.more(collisions.length - 5)}</p>}
      </Notice>
    </div>
  );
}

export default async function CalendarPage({ searchParams }: PageProps<'/calendar'>) {
  const actor = await currentActor();
  const given = await searchParams;
  await completeZone(given);
  const state = stateOf(given);
  const { view, month, zone } = state;
  const asked = await ask(() => listUpcoming(actor, rangeOf(month, zone)));
  if (!asked.ok) {
    return <Notice tone="bad">{asked.message}</Notice>;
  }
  const upcoming = asked.value;
  const days = daysOf(upcoming, month, zone);
  const today = dateIn(zone, upcoming.now);
  return (
    <>
      <PageHeader title={words.title} about={words.about} />
      <Steps state={state} />
      <Collisions upcoming={upcoming} zone={zone} />
      {upcoming.isCut && <p className="mb-4 text-sm text-quiet">{words.isCut}</p>}
      {view !== 'list' && (
        <div className={clsx(view === undefined && 'hidden md:block')}>
          <Month
            days={days}
            title={words.monthIn(monthWords(month), zone)}
            zone={zone}
            today={today}
            more={address(state, { view: 'list' })}
          />
        </div>
      )}
      {view !== 'month' && (
        <div className={clsx(view === undefined && 'md:hidden')}>
          <DayList days={days} zone={zone} today={today} />
        </div>
      )}
    </>
  );
}
