import clsx from 'clsx';
import Link from 'next/link';
import { Panel } from '#app/_components/panel.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { common } from '#app/_words/common.ts';
import { messageState, messageList as words } from '#app/_words/webhooks.ts';
import { MessageLine } from '#app/(console)/developer-tools/webhooks/[id]/message-line.tsx';
import type { WebhookMessageLine } from '#core/webhooks/list-webhook-messages.ts';

export const PAGE = 25;

const filters = [
  { state: undefined, label: common.all },
  { state: 'waiting', label: messageState.waiting },
  { state: 'sent', label: messageState.sent },
  { state: 'given_up', label: messageState.given_up },
] as const;

export type Shown = (typeof filters)[number]['state'];

/** The state that an address asks for. */
export const shownState = (text: unknown): Shown => filters.find(({ state }) => state === text)?.state;

function Filters({ at, shown }: { at: string; shown: Shown }) {
  return (
    <nav aria-label={words.byState} className="flex flex-wrap gap-x-4">
      {filters.map(({ state, label }) => (
        <Link
          key={label}
          href={state === undefined ? at : `${at}?state=${state}`}
          aria-current={shown === state ? 'page' : undefined}
          className={clsx(
            'inline-flex min-h-6 items-center underline-offset-4 pointer-coarse:min-h-11',
            shown === state ? 'font-medium text-ink underline' : 'hover:underline',
          )}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

/** A page of an endpoint's messages. `messages` has one more than a page where there is another. */
export function Messages({
  endpointId,
  messages,
  shown,
  mayReplay,
}: {
  endpointId: string;
  messages: readonly WebhookMessageLine[];
  shown: Shown;
  mayReplay: boolean;
}) {
  const at = `/developer-tools/webhooks/${endpointId}`;
  const page = messages.slice(0, PAGE);
  const last = page.at(-1);
  const state = shown === undefined ? '' : `state=${shown}&`;
  return (
    <Panel title={words.title} aside={<Filters at={at} shown={shown} />} flush>
      {page.length === 0 ? (
        <p className="px-4 pb-4 text-sm text-quiet sm:px-5">{words.noneYet}</p>
      ) : (
        <ul aria-label={words.title}>
          {page.map((message) => (
            <MessageLine key={message.id} endpointId={endpointId} message={message} mayReplay={mayReplay} />
          ))}
        </ul>
      )}
      {messages.length > PAGE && last !== undefined && (
        <p className="border-line border-t px-4 py-3 sm:px-5">
          <TextLink href={`${at}?${state}after=${last.seq}`}>{words.older}</TextLink>
        </p>
      )}
    </Panel>
  );
}
