import { TriangleAlert } from 'lucide-react';
import { fill } from '#app/_components/fill.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { ShortDay } from '#app/_components/short-day.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import {
  collisionsByApplication,
  percent,
  type TimelineRow,
  timelineRows,
} from '#app/_components/timeline-rows.ts';
import { addressOf } from '#app/_doors/query.ts';
import { timeline as words } from '#app/_words/overview.ts';
import { TimelineList } from '#app/(console)/overview/timeline-list.tsx';
import type { Upcoming } from '#core/policies/list-upcoming.ts';

/** As many credentials as a glance takes in. */
const ROWS = 12;
const DAY = 86_400_000;

interface Span {
  from: string;
  to: string;
}

/** Where the marks of the axis stand, in days from now. */
const MARKS = [0, 10, 20];

function Axis({ range }: { range: Span }) {
  return (
    <svg aria-hidden="true" className="block h-5 w-full overflow-visible text-xs">
      {MARKS.map((days) => {
        const at = new Date(Date.parse(range.from) + days * DAY).toISOString();
        return (
          <text key={days} x={`${percent(at, range)}%`} y="13" className="fill-quiet">
            {days === 0 ? words.now : <ShortDay at={at} />}
          </text>
        );
      })}
      <text x="100%" y="13" textAnchor="end" className="fill-quiet">
        <ShortDay at={range.to} />
      </text>
    </svg>
  );
}

function Bar({
  span,
  range,
  y,
  height,
  look,
}: {
  span: Span;
  range: Span;
  y: number;
  height: number;
  look: string;
}) {
  const [from, to] = [percent(span.from, range), percent(span.to, range)];
  // A bar of a minute must still be seen.
  return (
    <rect
      x={`${from}%`}
      y={y}
      width={`${Math.max(0.5, to - from)}%`}
      height={height}
      rx="2"
      className={look}
    />
  );
}

/** One credential's 30 days. It has no width of its own: everything in it stands at a percentage, on any screen. */
function Lane({ row, range, collides }: { row: TimelineRow; range: Span; collides: ReadonlySet<string> }) {
  return (
    <svg aria-hidden="true" className="block h-7 w-full overflow-visible">
      <line x1="0" x2="100%" y1="14" y2="14" className="stroke-line" />
      {row.blackouts.map((span) => (
        <Bar key={span.from} span={span} range={range} y={2} height={24} look="fill-quiet/25" />
      ))}
      {row.overlaps.map(({ rotationId, from, to }) => (
        <Bar
          key={rotationId}
          span={{ from, to: to ?? range.to }}
          range={range}
          y={9}
          height={10}
          look="fill-accent/50"
        />
      ))}
      {row.runs.map(({ at, slot, isSet }) => (
        <svg key={slot} aria-hidden="true" x={`${percent(at, range)}%`} y="14" overflow="visible">
          {collides.has(`${row.credentialId} ${at}`) && (
            <circle r="10" fill="none" strokeWidth="2" className="stroke-bad" />
          )}
          <path
            d="M0-6 6 0 0 6-6 0Z"
            strokeWidth="1.5"
            className={isSet ? 'fill-accent stroke-accent' : 'fill-surface stroke-accent'}
          />
        </svg>
      ))}
    </svg>
  );
}

function Legend() {
  const items = [
    { name: words.nextRotation, draw: <path d="M8 2 14 8 8 14 2 8Z" className="fill-accent" /> },
    {
      name: words.laterRotations,
      draw: <path d="M8 2 14 8 8 14 2 8Z" strokeWidth="1.5" className="fill-surface stroke-accent" />,
    },
    { name: words.overlap, draw: <rect y="4" width="16" height="8" rx="2" className="fill-accent/50" /> },
    { name: words.blackout, draw: <rect width="16" height="16" className="fill-quiet/25" /> },
    {
      name: words.collision,
      draw: <circle cx="8" cy="8" r="7" fill="none" strokeWidth="2" className="stroke-bad" />,
    },
  ];
  return (
    <ul aria-hidden className="flex flex-wrap gap-x-4 gap-y-1">
      {items.map(({ name, draw }) => (
        <li key={name} className="flex items-center gap-1.5">
          <svg viewBox="0 0 16 16" className="size-3.5" aria-hidden="true">
            {draw}
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

function Collisions({ collisions }: Pick<Upcoming, 'collisions'>) {
  const groups = collisionsByApplication(collisions);
  if (groups.length === 0) {
    return null;
  }
  return (
    <ul className="mb-3 flex flex-col gap-1">
      {groups.slice(0, 5).map(({ application, credentials, times, first }) => (
        <li key={application} className="flex items-start gap-2">
          <TriangleAlert aria-hidden className="mt-1 size-4 shrink-0 text-bad" />
          <span className="min-w-0 [overflow-wrap:anywhere]">
            {fill(times > 1 ? words.collidesOften : words.collidesOnce, {
              credentials: credentials.join(', '),
              application,
              times,
              first: <Moment at={first} />,
            })}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What comes in the next days: rotations, overlaps, blackouts and collisions. Drawn, and said as a list. */
export function Timeline({
  upcoming,
  environment,
  days,
}: {
  upcoming: Upcoming;
  environment: string | undefined;
  days: number;
}) {
  const rows = timelineRows(upcoming);
  const collides = new Set(
    upcoming.collisions.flatMap(({ runs }) => runs.map(({ credentialId, at }) => `${credentialId} ${at}`)),
  );
  const title = words.title(days);
  if (rows.length === 0 && !upcoming.isCut) {
    return (
      <Panel title={title}>
        <p className="text-quiet">
          {words.nothing(days)}{' '}
          {fill(words.policiesSay, {
            policies: <SentenceLink href="/policies">{words.policies}</SentenceLink>,
          })}
        </p>
      </Panel>
    );
  }
  return (
    <Panel title={title} aside={<Legend />}>
      <Collisions collisions={upcoming.collisions} />
      <div className="flex flex-col gap-1 overflow-hidden px-2.5">
        <div className="sm:grid sm:grid-cols-[minmax(0,13rem)_minmax(0,1fr)] sm:gap-4">
          <span className="max-sm:hidden" />
          <Axis range={upcoming} />
        </div>
        {rows.slice(0, ROWS).map((row) => (
          <div
            key={row.credentialId}
            className="sm:grid sm:grid-cols-[minmax(0,13rem)_minmax(0,1fr)] sm:items-center sm:gap-4"
          >
            <TextLink href={`/credentials/${row.credentialId}`} className="max-w-full">
              <span className="truncate">{row.credential}</span>
            </TextLink>
            <Lane row={row} range={upcoming} collides={collides} />
          </div>
        ))}
      </div>
      {rows.length > ROWS && (
        <p className="mt-3">
          <TextLink href={addressOf('/credentials', { sort: 'next', environment })}>
            {words.more(rows.length - ROWS)}
          </TextLink>
        </p>
      )}
      {upcoming.isCut && <p className="mt-3 text-sm text-quiet">{words.isCut}</p>}
      <TimelineList upcoming={upcoming} />
    </Panel>
  );
}
