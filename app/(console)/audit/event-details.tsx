'use client';

import type { ReactNode } from 'react';
import { auditAddress } from '#app/_components/audit-address.ts';
import { fill } from '#app/_components/fill.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import { undoAddress } from '#app/_components/undo.ts';
import { eventDetails as words } from '#app/_words/audit.ts';
import { common } from '#app/_words/common.ts';
import { roleWord } from '#app/_words/roles.ts';
import { Outcome } from '#app/(console)/audit/outcome.tsx';
import type { AuditRow } from '#core/evidence/list-audit-events.ts';

/** Shown above by name, or below as what the event is about. */
const toldAbove = [
  'at',
  'action',
  'outcome',
  'actor',
  'reason',
  'changes',
  'credentialId',
  'rotationId',
  'requestId',
];

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 sm:grid-cols-[9rem_1fr]">
      <dt className="text-quiet">{name}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}

const named = (field: string) =>
  field
    .replace(/^./, (letter) => letter.toUpperCase())
    .replaceAll(/[A-Z]/g, (letter, place) => (place === 0 ? letter : ` ${letter.toLowerCase()}`));

/** A stored value in words; exactly as it is stored it stands in the raw JSON. */
function told(value: unknown): string {
  if (typeof value === 'boolean') {
    return value ? words.yes : words.no;
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? words.none : value.map(told).join(', ');
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, part]) => `${name} ${told(part)}`)
      .join(' ');
  }
  return String(value);
}

interface Change {
  field: string;
  from: string;
  to: string;
}

function Changes({ changes }: { changes: readonly Change[] }) {
  return (
    <Line name={words.changes}>
      <ul className="flex flex-col gap-1">
        {changes.map(({ field, from, to }) => (
          <li key={field}>
            {fill(words.change, {
              field: <code className="font-mono text-[0.8125rem]">{field}</code>,
              from: <del>{from}</del>,
              to: <ins>{to}</ins>,
            })}
          </li>
        ))}
      </ul>
    </Line>
  );
}

/** Everything that is stored of one event, and the way back while the overlap of its rotation lasts. */
export function EventDetails({
  event,
  text,
  undoable,
}: {
  event: AuditRow;
  text?: string;
  /** Rotations that the reader may roll back now. */
  undoable: readonly string[];
}) {
  const { body, credentialId, rotationId, requestId } = event;
  const others = Object.entries(body).filter(([field]) => !toldAbove.includes(field));
  return (
    <div className="flex flex-col gap-5 text-sm">
      <dl className="flex flex-col gap-2">
        <Line name={words.time}>
          <Moment at={event.at} withSeconds />
          <span className="block text-quiet">{event.at}</span>
        </Line>
        <Line name={words.actor}>
          <TextLink href={auditAddress(`actor:${JSON.stringify(event.actor)}`)}>{event.actor}</TextLink>{' '}
          <span className="text-quiet">
            ({event.actorKind.replace('_', ' ')}
            {event.actorId !== null && <>, {event.actorId}</>})
          </span>
        </Line>
        <Line name={words.action}>
          <TextLink href={auditAddress(`action:${event.action}`)}>
            <code className="font-mono text-[0.8125rem]">{event.action}</code>
          </TextLink>
        </Line>
        <Line name={words.outcome}>
          <Outcome outcome={event.outcome} />
        </Line>
        {typeof body.reason === 'string' && <Line name={common.reason}>{body.reason}</Line>}
        {Array.isArray(body.changes) && <Changes changes={body.changes} />}
        {others.map(([field, value]) => (
          <Line key={field} name={named(field)}>
            {field === 'role' ? roleWord(told(value)) : told(value)}
          </Line>
        ))}
        {credentialId !== null && (
          <Line name={words.credential}>
            <TextLink href={`/credentials/${credentialId}`}>{credentialId}</TextLink>
          </Line>
        )}
        {rotationId !== null && (
          <Line name={words.rotation}>
            <TextLink href={`/rotations/${rotationId}`}>{rotationId}</TextLink>
            <TextLink href={auditAddress(`rotation:${rotationId}`)} className="ml-3">
              {words.itsEvents}
            </TextLink>
            {undoable.includes(rotationId) && (
              <span className="block">
                {words.bothWork} <SentenceLink href={undoAddress(rotationId)}>{words.rollBack}</SentenceLink>
              </span>
            )}
          </Line>
        )}
        {requestId !== null && (
          <Line name={words.request}>
            <TextLink href={auditAddress(`request:${JSON.stringify(requestId)}`)}>{requestId}</TextLink>
          </Line>
        )}
        <Line name={words.leafHash}>
          <code className="font-mono text-[0.8125rem]">{event.leaf}</code>
        </Line>
      </dl>
      <details>
        <summary className="min-h-6 w-fit text-quiet hover:text-ink">{words.rawJson}</summary>
        <pre className="mt-2 overflow-x-auto rounded-md bg-raised p-3 font-mono text-[0.8125rem] whitespace-pre-wrap [overflow-wrap:anywhere]">
          {text ?? JSON.stringify(body, null, 2)}
        </pre>
      </details>
    </div>
  );
}
