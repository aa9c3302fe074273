import { X } from 'lucide-react';
import Link from 'next/link';
import { auditAddress } from '#app/_components/audit-address.ts';
import { questionParts, timeRanges } from '#app/_words/audit.ts';

const DAY_MS = 86_400_000;

/** What the question consists of, each part with a way to leave it out. */
export function Chips({ parts }: { parts: readonly string[] }) {
  if (parts.length === 0) {
    return null;
  }
  return (
    <ul aria-label={questionParts.label} className="flex flex-wrap gap-2">
      {parts.map((part, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part may stand there twice
        <li key={place}>
          <Link
            href={auditAddress(parts.filter((_, other) => other !== place).join(' '))}
            aria-label={questionParts.leaveOut(part)}
            className="inline-flex min-h-8 max-w-full items-center gap-1.5 rounded-full border border-line bg-raised py-0.5 pr-2 pl-3 text-sm hover:border-accent pointer-coarse:min-h-11"
          >
            <span className="min-w-0 font-mono text-[0.8125rem] [overflow-wrap:anywhere]">{part}</span>
            <X aria-hidden className="size-3.5 shrink-0 text-quiet" />
          </Link>
        </li>
      ))}
      <li>
        <Link
          href="/audit"
          className="inline-flex min-h-8 items-center px-1 text-sm text-accent underline-offset-4 hover:underline pointer-coarse:min-h-11"
        >
          {questionParts.clearAll}
        </Link>
      </li>
    </ul>
  );
}

/** Ranges people often ask for, as absolute ones: what a link shows does not change with the day it is opened on. */
export function Ranges({ parts, now }: { parts: readonly string[]; now: Date }) {
  const others = parts.filter((part) => !part.startsWith('created:'));
  const since = (days: number) => new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10);
  const ranges = [
    [timeRanges.today, since(0)],
    [timeRanges.lastDays(7), since(6)],
    [timeRanges.lastDays(30), since(29)],
    [timeRanges.lastDays(90), since(89)],
  ] as const;
  return (
    <span className="inline-flex flex-wrap gap-x-3">
      {ranges.map(([name, from]) => (
        <Link
          key={name}
          href={auditAddress([...others, `created:${from}..`].join(' '))}
          className="inline-flex min-h-6 items-center text-accent underline-offset-4 hover:underline"
        >
          {name}
        </Link>
      ))}
      {others.length < parts.length && (
        <Link
          href={auditAddress(others.join(' '))}
          className="inline-flex min-h-6 items-center text-accent underline-offset-4 hover:underline"
        >
          {timeRanges.allTime}
        </Link>
      )}
    </span>
  );
}
