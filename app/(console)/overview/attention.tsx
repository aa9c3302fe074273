import {
  CircleAlert,
  CircleCheck,
  CirclePause,
  Eye,
  Hourglass,
  type LucideIcon,
  Send,
  Siren,
  Stamp,
  UserRound,
} from 'lucide-react';
import Link from 'next/link';
import { Badge, type Tone } from '#app/_components/badge.tsx';
import { buttonClass } from '#app/_components/button.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Ago } from '#app/_components/time.tsx';
import type { AttentionKind, Overview } from '#core/credentials/read-overview.ts';
import { holdSentence } from '#core/rotation/holds.ts';

type Item = Overview['attention'][number];

interface Words {
  word: string;
  tone: Tone;
  icon: LucideIcon;
  /** What stands so, as a sentence. */
  says: (item: Item) => string;
  /** What to do about it: where it is done, and what the button says. */
  acts: (item: Item) => readonly { href: string; label: string }[];
}

const back = ({ direction }: Item) => (direction === 'back' ? 'It is being rolled back. ' : '');

const words: Record<AttentionKind, Words> = {
  glass: {
    word: 'Break glass',
    tone: 'bad',
    icon: Siren,
    says: ({ detail }) => `A second person is asked to confirm it. Reason: ${detail}`,
    acts: () => [{ href: '/approvals#break-glass', label: 'Read what would stop working' }],
  },
  review: {
    word: 'Review open',
    tone: 'bad',
    icon: Siren,
    says: ({ detail }) => `The glass was broken, and nobody has written what came of it. Reason: ${detail}`,
    acts: () => [{ href: '/approvals#reviews', label: 'Review it' }],
  },
  held: {
    word: 'Held',
    tone: 'warn',
    icon: CirclePause,
    says: (item) =>
      `${back(item)}${holdSentence(item.hold ?? '')}${item.detail === null ? '' : ` ${item.detail}`}`,
    acts: ({ id, hold }) =>
      hold === 'approval_pending'
        ? [{ href: `/approvals/${id}`, label: 'Read the plan' }]
        : [{ href: `/rotations/${id}`, label: 'See what can be done' }],
  },
  task: {
    word: 'Your turn',
    tone: 'warn',
    icon: UserRound,
    says: () => 'Rotate it on the vendor’s page and paste the new secret.',
    acts: ({ id }) => [{ href: `/rotations/${id}`, label: 'Open the task' }],
  },
  finding: {
    word: 'Finding',
    tone: 'warn',
    icon: Eye,
    says: ({ detail }) => detail ?? 'Something outside differs from what is stored.',
    acts: ({ credentialId }) => [{ href: `/credentials/${credentialId}#findings`, label: 'Look at it' }],
  },
  expiring: {
    word: 'Expires',
    tone: 'warn',
    icon: Hourglass,
    says: () => 'Its secret expires, and no policy rotates it.',
    acts: ({ credentialId }) => [
      { href: `/credentials/${credentialId}?act=rotate`, label: 'Rotate…' },
      { href: `/credentials/${credentialId}/schedule`, label: 'Choose a policy' },
    ],
  },
  issuer: {
    word: 'Issuer unhealthy',
    tone: 'bad',
    icon: Stamp,
    says: () => 'It does not answer as it should. Its rotations wait, and go on once it answers.',
    acts: () => [{ href: '/issuers', label: 'Check it' }],
  },
  target: {
    word: 'Target unhealthy',
    tone: 'bad',
    icon: Send,
    says: () => 'Its last check failed. A rotation that delivers to it would be held.',
    acts: () => [{ href: '/targets', label: 'Check it' }],
  },
};

function Line({ item }: { item: Item }) {
  const { word, tone, icon, says, acts } = words[item.kind];
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-line border-t px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1 basis-80">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Badge tone={tone} icon={icon}>
            {word}
          </Badge>
          <span className="font-semibold [overflow-wrap:anywhere]">{item.name}</span>
          {item.environment !== null && <span className="text-sm text-quiet">{item.environment}</span>}
          {item.at !== null && (
            <span className="text-sm text-quiet">
              <Ago at={item.at} />
            </span>
          )}
        </p>
        <p className="mt-1 [overflow-wrap:anywhere]">{says(item)}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        {acts(item).map(({ href, label }) => (
          <Link key={href} href={href} aria-label={`${label}: ${item.name}`} className={buttonClass()}>
            {label}
          </Link>
        ))}
      </div>
    </li>
  );
}

/** What waits for a person, and what to do about each. */
export function Attention({
  items,
  quietSince,
  counters: { failing, overdue },
}: {
  items: readonly Item[];
  quietSince: string | null;
  counters: Overview['counters'];
}) {
  if (items.length > 0) {
    return (
      <Panel title="Needs attention" flush>
        <ul>
          {items.map((item) => (
            <Line key={`${item.kind} ${item.id}`} item={item} />
          ))}
        </ul>
      </Panel>
    );
  }
  const late = overdue.count > 0 || failing.count > 0;
  return (
    <Panel title="Needs attention">
      <p className="flex items-start gap-2">
        {late ? (
          <CircleAlert aria-hidden className="mt-1 size-4 shrink-0 text-warn" />
        ) : (
          <CircleCheck aria-hidden className="mt-1 size-4 shrink-0 text-good" />
        )}
        <span>
          {late
            ? 'No rotation is held, but some credentials are overdue.'
            : 'All quiet: nothing waits for a person.'}
          {quietSince !== null && (
            <span className="text-quiet">
              {' '}
              The last rotation ended <Ago at={quietSince} />.
            </span>
          )}
        </span>
      </p>
    </Panel>
  );
}
