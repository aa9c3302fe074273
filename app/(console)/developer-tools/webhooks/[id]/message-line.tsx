'use client';

import { CircleCheck, CircleX, Clock } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { Button } from '#app/_components/button.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { messageState, messageLine as words } from '#app/_words/webhooks.ts';
import { useAct } from '#app/(console)/developer-tools/use-act.ts';
import { replayMessageAction } from '#app/(console)/developer-tools/webhooks/actions.ts';
import type { WebhookMessageLine } from '#core/webhooks/list-webhook-messages.ts';

const states = {
  sent: { tone: 'good', icon: CircleCheck, word: messageState.sent },
  waiting: { tone: 'busy', icon: Clock, word: messageState.waiting },
  given_up: { tone: 'bad', icon: CircleX, word: messageState.given_up },
} as const;

function Attempts({ message }: { message: WebhookMessageLine }) {
  const { attempts, status, attemptedAt, nextAt, replays } = message;
  const parts = [
    words.attempts(attempts),
    ...(status === null ? [] : [words.answered(status)]),
    ...(replays === 0 ? [] : [words.replayed(replays)]),
  ];
  return (
    <>
      {parts.join(' · ')}
      {attemptedAt !== null && <> · {fill(words.last, { when: <Ago at={attemptedAt} /> })}</>}
      {nextAt !== null && attempts > 0 && <> · {fill(words.next, { when: <Ago at={nextAt} /> })}</>}
    </>
  );
}

/** One message: its event, how it went, and a button that has it sent again. */
export function MessageLine({
  endpointId,
  message,
  mayReplay,
}: {
  endpointId: string;
  message: WebhookMessageLine;
  mayReplay: boolean;
}) {
  const { busy, error, act } = useAct();
  const { id, webhookId, action, eventId, state } = message;
  const { tone, icon, word } = states[state];
  return (
    <li className="flex flex-col gap-2 border-line border-t px-4 py-3 sm:px-5">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <TextLink href={`/audit/events/${eventId}`} className="font-mono text-sm break-words">
            {action}
          </TextLink>
          <p className="font-mono text-xs break-all text-quiet">{webhookId}</p>
          <p className="text-sm text-quiet">
            <Attempts message={message} />
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-3">
          <Badge tone={tone} icon={icon}>
            {word}
          </Badge>
          {mayReplay && (
            <Button disabled={busy} onClick={() => act(() => replayMessageAction(endpointId, id))}>
              {fill(busy ? words.replaying : words.replay, {
                message: <span className="sr-only"> {webhookId}</span>,
              })}
            </Button>
          )}
        </div>
      </div>
      {message.error !== null && <p className="text-sm break-words text-quiet">{message.error}</p>}
      {error !== null && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
    </li>
  );
}
