import {
  CircleAlert,
  CircleCheck,
  CirclePause,
  Eye,
  Hourglass,
  type LucideIcon,
  RotateCw,
  Send,
  Siren,
  Stamp,
  UserRound,
} from 'lucide-react';
import Link from 'next/link';
import { Badge, type Tone } from '#app/_components/badge.tsx';
import { buttonClass } from '#app/_components/button.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { addressOf } from '#app/_doors/query.ts';
import { attentionPanel, attentionWords } from '#app/_words/overview.ts';
import type { AttentionKind, Overview } from '#core/credentials/read-overview.ts';
import { holdSentence } from '#core/rotation/holds.ts';

type Item = Overview['attention'][number];

interface Kind {
  tone: Tone;
  icon: LucideIcon;
  /** What stands so, as a sentence. */
  says: (item: Item) => string;
  /** What to do about it: where it is done, and what the button says. */
  acts: (item: Item) => readonly { href: string; label: string }[];
  /** The list that has all of them. */
  list: (environment: string | undefined) => string;
}

const back = ({ direction }: Item) => (direction === 'back' ? `${attentionWords.held.goingBack} ` : '');

const kinds: Record<AttentionKind, Kind> = {
  glass: {
    tone: 'bad',
    icon: Siren,
    says: ({ detail }) => attentionWords.glass.says(detail),
    acts: () => [{ href: '/approvals#break-glass', label: attentionWords.glass.read }],
    list: () => '/approvals#break-glass',
  },
  review: {
    tone: 'bad',
    icon: Siren,
    says: ({ detail }) => attentionWords.review.says(detail),
    acts: () => [{ href: '/approvals#reviews', label: attentionWords.review.review }],
    list: () => '/approvals#reviews',
  },
  held: {
    tone: 'warn',
    icon: CirclePause,
    says: (item) =>
      `${back(item)}${holdSentence(item.hold ?? '')}${item.detail === null ? '' : ` ${item.detail}`}`,
    acts: ({ id, hold }) =>
      hold === 'approval_pending'
        ? [{ href: `/approvals/${id}`, label: attentionWords.held.readPlan }]
        : [{ href: `/rotations/${id}`, label: attentionWords.held.see }],
    list: (environment) => addressOf('/rotations', { state: 'held', environment }),
  },
  task: {
    tone: 'warn',
    icon: UserRound,
    says: () => attentionWords.task.says,
    acts: ({ id }) => [{ href: `/rotations/${id}`, label: attentionWords.task.open }],
    list: (environment) => addressOf('/credentials', { state: 'waiting', environment }),
  },
  retrying: {
    tone: 'warn',
    icon: RotateCw,
    says: ({ detail }) => attentionWords.retrying.says(detail),
    acts: ({ id }) => [{ href: `/rotations/${id}`, label: attentionWords.retrying.look }],
    list: (environment) => addressOf('/rotations', { state: 'running', environment }),
  },
  finding: {
    tone: 'warn',
    icon: Eye,
    says: ({ detail }) => detail ?? attentionWords.finding.differs,
    acts: ({ credentialId }) => [
      { href: `/credentials/${credentialId}#findings`, label: attentionWords.finding.look },
    ],
    list: (environment) => addressOf('/credentials', { state: 'drifted', environment }),
  },
  expiring: {
    tone: 'warn',
    icon: Hourglass,
    says: () => attentionWords.expiring.says,
    acts: ({ credentialId }) => [
      { href: `/credentials/${credentialId}?act=rotate`, label: attentionWords.expiring.rotate },
      { href: `/credentials/${credentialId}/schedule`, label: attentionWords.expiring.choosePolicy },
    ],
    list: (environment) => addressOf('/credentials', { state: 'expiring', environment }),
  },
  issuer: {
    tone: 'bad',
    icon: Stamp,
    says: () => attentionWords.issuer.says,
    acts: () => [{ href: '/issuers', label: attentionWords.issuer.check }],
    list: () => '/issuers',
  },
  target: {
    tone: 'bad',
    icon: Send,
    says: () => attentionWords.target.says,
    acts: () => [{ href: '/targets', label: attentionWords.target.check }],
    list: () => '/targets',
  },
};

function Line({ item }: { item: Item }) {
  const { tone, icon, says, acts } = kinds[item.kind];
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-line border-t px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1 basis-80">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Badge tone={tone} icon={icon}>
            {attentionWords[item.kind].name}
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

/** The items of one kind, and how many more there are than are shown. */
function Items({
  items,
  kind,
  total,
  environment,
}: {
  items: readonly Item[];
  kind: AttentionKind;
  total: number;
  environment: string | undefined;
}) {
  const more = total - items.length;
  return (
    <>
      {items.map((item) => (
        <Line key={item.id} item={item} />
      ))}
      {more > 0 && (
        <li className="border-line border-t px-4 py-3 sm:px-5">
          <TextLink href={kinds[kind].list(environment)}>
            {attentionPanel.more(more, attentionWords[kind].name)}
          </TextLink>
        </li>
      )}
    </>
  );
}

/** What waits for a person, and what to do about each. */
export function Attention({
  overview: {
    attention: items,
    attentionTotals: totals,
    counters: { failing, overdue },
    system: { quietSince },
  },
  environment,
}: {
  overview: Overview;
  environment: string | undefined;
}) {
  if (items.length > 0) {
    return (
      <Panel title={attentionPanel.title} flush>
        <ul>
          {[...new Set(items.map(({ kind }) => kind))].map((kind) => (
            <Items
              key={kind}
              items={items.filter((item) => item.kind === kind)}
              kind={kind}
              total={totals[kind] ?? 0}
              environment={environment}
            />
          ))}
        </ul>
      </Panel>
    );
  }
  const late = overdue.count > 0 || failing.count > 0;
  return (
    <Panel title={attentionPanel.title}>
      <p className="flex items-start gap-2">
        {late ? (
          <CircleAlert aria-hidden className="mt-1 size-4 shrink-0 text-warn" />
        ) : (
          <CircleCheck aria-hidden className="mt-1 size-4 shrink-0 text-good" />
        )}
        <span>
          {late ? attentionPanel.late : attentionPanel.quiet}
          {quietSince !== null && (
            <span className="text-quiet">
              {' '}
              {fill(attentionPanel.lastEnded, { at: <Ago at={quietSince} /> })}
            </span>
          )}
        </span>
      </p>
    </Panel>
  );
}
