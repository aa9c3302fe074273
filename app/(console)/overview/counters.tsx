import clsx from 'clsx';
import { CalendarClock, CircleAlert, CircleCheck, Clock, Hourglass, type LucideIcon } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Ago, TimeLeft } from '#app/_components/time.tsx';
import { addressOf } from '#app/_doors/query.ts';
import type { Overview } from '#core/credentials/read-overview.ts';

type Counters = Overview['counters'];

const shown: readonly {
  name: keyof Counters;
  label: string;
  icon: LucideIcon;
  tone: string;
  worst: (at: string) => ReactNode;
}[] = [
  {
    name: 'failing',
    label: 'Failing',
    icon: CircleAlert,
    tone: 'text-bad',
    worst: (at) => (
      <>
        held <Ago at={at} />
      </>
    ),
  },
  {
    name: 'overdue',
    label: 'Overdue',
    icon: Clock,
    tone: 'text-warn',
    worst: (at) => (
      <>
        was due <Ago at={at} />
      </>
    ),
  },
  {
    name: 'due',
    label: 'Due in 7 days',
    icon: CalendarClock,
    tone: 'text-accent',
    worst: (at) => <Ago at={at} />,
  },
  {
    name: 'overlap',
    label: 'In overlap now',
    icon: Hourglass,
    tone: 'text-accent',
    worst: (at) => (
      <>
        <TimeLeft until={at} /> left
      </>
    ),
  },
];

/** Four numbers, each with the item that is worst and a link to all of them. */
export function Counters({ counters, environment }: { counters: Counters; environment: string | undefined }) {
  return (
    <ul className="grid grid-cols-1 gap-3 min-[22rem]:grid-cols-2 xl:grid-cols-4">
      {shown.map(({ name, label, icon, tone, worst }) => {
        const { count, worst: worstName, at } = counters[name];
        const none = count === 0;
        const Icon = none ? CircleCheck : icon;
        return (
          <li key={name} className="min-w-0">
            <Link
              href={addressOf('/credentials', { state: name, environment })}
              className="flex h-full min-w-0 flex-col gap-1 rounded-lg border border-line bg-surface p-4 shadow-xs hover:bg-raised"
            >
              <span className="flex items-center gap-2 text-sm text-quiet">
                <Icon aria-hidden className={clsx('size-4 shrink-0', none ? 'text-good' : tone)} />
                {label}
              </span>
              <span className={clsx('text-3xl font-semibold', none ? 'text-quiet' : tone)}>{count}</span>
              <span className="text-sm [overflow-wrap:anywhere] text-quiet">
                {worstName === null ? (
                  'None'
                ) : (
                  <>
                    <span className="font-medium text-ink">{worstName}</span>
                    {at !== null && <>, {worst(at)}</>}
                  </>
                )}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
