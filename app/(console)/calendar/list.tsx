import { TriangleAlert } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { fill } from '#app/_components/fill.tsx';
import { SentenceLink } from '#app/_components/text-link.tsx';
import { clockIn, dayWords, runWords, calendarList as words } from '#app/_words/calendar.ts';
import type { CalendarDay } from '#app/(console)/calendar/days.ts';

function Run({ run, zone }: { run: CalendarDay['runs'][number]; zone: string }) {
  const said = runWords(run);
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-line border-t px-4 py-2 first:border-t-0 sm:px-5">
      <time dateTime={run.at} className="tabular-nums">
        {clockIn(zone, run.at)}
      </time>
      <span className="min-w-0 break-words">
        {fill(words.rotates, {
          credential: <SentenceLink href={`/credentials/${run.credentialId}`}>{run.credential}</SentenceLink>,
        })}
      </span>
      <span className="text-sm text-quiet">{[run.policy, run.environment, ...said].join(' · ')}</span>
      {run.collides && (
        <Badge tone="warn" icon={TriangleAlert}>
          {words.collides}
        </Badge>
      )}
    </li>
  );
}

function Day({ day, zone, today }: { day: CalendarDay; zone: string; today: string }) {
  const { date, runs, ends, blackouts } = day;
  return (
    <section aria-labelledby={`day-${date}`} id={date} className="scroll-mt-4">
      <h3 id={`day-${date}`} className="mb-1 font-semibold">
        {dayWords(date)}
        {date === today && <span className="font-normal text-accent"> · {words.today}</span>}
      </h3>
      <ul className="rounded-lg border border-line bg-surface shadow-xs">
        {blackouts.map((one) => (
          <li
            key={`${one.policyId} ${one.from}`}
            className="border-line border-t bg-raised px-4 py-2 text-sm text-quiet first:border-t-0 sm:px-5"
          >
            {words.blackout(one.policy, one.reason)}
          </li>
        ))}
        {runs.map((run) => (
          <Run key={`${run.credentialId} ${run.at}`} run={run} zone={zone} />
        ))}
        {ends.map((overlap) => (
          <li key={overlap.rotationId} className="border-line border-t px-4 py-2 first:border-t-0 sm:px-5">
            {overlap.to !== null && (
              <time dateTime={overlap.to} className="mr-3 tabular-nums">
                {clockIn(zone, overlap.to)}
              </time>
            )}
            {fill(overlap.held ? words.heldOverlapEnds : words.overlapEnds, {
              credential: (
                <SentenceLink href={`/rotations/${overlap.rotationId}`}>{overlap.credential}</SentenceLink>
              ),
            })}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The days of a month on which something comes, in their order. */
export function DayList({
  days,
  zone,
  today,
}: {
  days: readonly CalendarDay[];
  zone: string;
  today: string;
}) {
  const busy = days.filter(({ runs, ends, blackouts }) => runs.length + ends.length + blackouts.length > 0);
  if (busy.length === 0) {
    return <p className="text-quiet">{words.nothing}</p>;
  }
  return (
    <div className="flex flex-col gap-5">
      {busy.map((day) => (
        <Day key={day.date} day={day} zone={zone} today={today} />
      ))}
    </div>
  );
}
