import clsx from 'clsx';
import { CalendarClock, CircleAlert, CircleCheck, Clock, Hourglass, type LucideIcon } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { fill } from '#app/_components/fill.tsx';
import { Ago, TimeLeft } from '#app/_components/time.tsx';
import { addressOf } from '#app/_doors/query.ts';
import { counterWords as words } from '#app/_words/overview.ts';
import type { Overview } from '#core/credentials/read-overview.ts';

type Counters = Overview['counters'];

const shown: readonly {
  name: keyof Counters;
  icon: LucideIcon;
  tone: string;
  worst: (name: ReactNode, at: string) => ReactNode;
}[] = [
  {
    name: 'failing',
    icon: CircleAlert,
    tone: 'text-bad',
    worst: (name, at) => fill(words.failing.worst, { name, at: <Ago at={at} /> }),
  },
  {
    name: 'overdue',
    icon: Clock,
    tone: 'text-warn',
    worst: (name, at) => fill(words.overdue.worst, { name, at: <Ago at={at} /> }),
  },
  {
    name: 'due',
    icon: CalendarClock,
    tone: 'text-accent',
    worst: (name, at) => fill(words.due.worst, { name, at: <Ago at={at} /> }),
  },
  {
    name: 'overlap',
    icon: Hourglass,
    tone: 'text-accent',
    worst: (name, at) => fill(words.overlap.worst, { name, time: <TimeLeft until={at} /> }),
  },
];

/** Four numbers, each with the item that is worst and a link to all of them. */
export function Counters({ counters, environment }: { counters: Counters; environment: string | undefined }) {
  return (
    <ul className="grid grid-cols-1 gap-3 min-[22rem]:grid-cols-2 xl:grid-cols-4">
      {shown.map(({ name, icon, tone, worst }) => {
        const { count, worst: worstName, at } = counters[name];
        const none = count === 0;
        const Icon = none ? CircleCheck : icon;
        const worstOne = <span className="font-medium text-ink">{worstName}</span>;
        return (
          <li key={name} className="min-w-0">
            <Link
              href={addressOf('/credentials', { state: name, environment })}
              className="flex h-full min-w-0 flex-col gap-1 rounded-lg border border-line bg-surface p-4 shadow-xs hover:bg-raised"
            >
              <span className="flex items-center gap-2 text-sm text-quiet">
                <Icon aria-hidden className={clsx('size-4 shrink-0', none ? 'text-good' : tone)} />
                {words[name].label}
              </span>
              <span className={clsx('text-3xl font-semibold', none ? 'text-quiet' : tone)}>{count}</span>
              <span className="text-sm [overflow-wrap:anywhere] text-quiet">
                {worstName === null && words.none}
                {worstName !== null && (at === null ? worstOne : worst(worstOne, at))}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
