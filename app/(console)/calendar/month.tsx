import clsx from 'clsx';
import { CirclePause, TriangleAlert } from 'lucide-react';
import { fill } from '#app/_components/fill.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { clockIn, calendarMonth as words } from '#app/_words/calendar.ts';
import { weekdays } from '#app/_words/rhythm.ts';
import type { CalendarDay } from '#app/(console)/calendar/days.ts';

const fromMonday = weekdays.slice(1);
const SHOWN = 3;

/** Weeks of seven, with nothing where a day belongs to another month. */
function weeksOf(days: readonly CalendarDay[]): (CalendarDay | null)[][] {
  const cells = [...Array.from({ length: days[0]?.weekday ?? 0 }, () => null), ...days];
  const weeks = Math.ceil(cells.length / 7);
  return Array.from({ length: weeks }, (_, week) =>
    Array.from({ length: 7 }, (_day, n) => cells[week * 7 + n] ?? null),
  );
}

function Cell({ day, zone, today, more }: { day: CalendarDay; zone: string; today: string; more: string }) {
  const { runs, ends, blackouts, date } = day;
  const hidden = runs.length - SHOWN;
  return (
    <td
      className={clsx('h-24 border border-line p-1.5 align-top', blackouts.length > 0 && 'bg-raised')}
      aria-current={date === today ? 'date' : undefined}
    >
      <p className={clsx('text-sm', date === today ? 'font-semibold text-accent' : 'text-quiet')}>
        {day.day}
        {date === today && ` · ${words.today}`}
      </p>
      {blackouts.map((one) => (
        <p key={`${one.policyId} ${one.from}`} className="truncate text-xs text-quiet" title={one.reason}>
          {words.blackout(one.reason)}
        </p>
      ))}
      <ul>
        {runs.slice(0, SHOWN).map((run) => (
          <li key={`${run.credentialId} ${run.at}`} className="flex items-center gap-1 text-xs">
            {run.collides && (
              <TriangleAlert role="img" aria-label={words.collides} className="size-3 shrink-0 text-warn" />
            )}
            {run.pausedBy !== null && (
              <CirclePause role="img" aria-label={words.paused} className="size-3 shrink-0 text-quiet" />
            )}
            <span className="tabular-nums">{clockIn(zone, run.at)}</span>
            <TextLink href={`/credentials/${run.credentialId}`} className="truncate">
              {run.credential}
            </TextLink>
          </li>
        ))}
        {ends.map((overlap) => (
          <li key={overlap.rotationId} className="truncate text-xs text-quiet">
            {fill(overlap.held ? words.heldOverlapEnds : words.overlapEnds, {
              credential: (
                <SentenceLink href={`/rotations/${overlap.rotationId}`}>{overlap.credential}</SentenceLink>
              ),
            })}
          </li>
        ))}
      </ul>
      {hidden > 0 && (
        <TextLink href={`${more}#${date}`} className="text-xs">
          {words.more(hidden)}
        </TextLink>
      )}
    </td>
  );
}

/** A month as a table. The list says the same in an order that reads. */
export function Month({
  days,
  title,
  zone,
  today,
  more,
}: {
  days: readonly CalendarDay[];
  title: string;
  zone: string;
  today: string;
  /** The list of the same month. */
  more: string;
}) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full min-w-2xl table-fixed border-collapse bg-surface">
        <caption className="sr-only">{title}</caption>
        <thead>
          <tr>
            {fromMonday.map((name) => (
              <th key={name} scope="col" className="p-1.5 text-left text-sm font-medium text-quiet">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(days).map((week) => (
            <tr key={week.find((day) => day !== null)?.date}>
              {week.map((day, n) =>
                day === null ? (
                  <td key={fromMonday[n]} className="border border-line bg-ground" />
                ) : (
                  <Cell key={day.date} day={day} zone={zone} today={today} more={more} />
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
