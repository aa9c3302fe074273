import { CircleCheck, CircleX } from 'lucide-react';
import { objectOf, sentenceOf } from '#app/_components/event-words.ts';
import { TableBox, Td, Th } from '#app/_components/table.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import type { AuditRow } from '#core/evidence/list-audit-events.ts';

function Outcome({ outcome }: { outcome: string }) {
  const failed = outcome === 'failure';
  const Icon = failed ? CircleX : CircleCheck;
  return (
    <span
      className={`inline-flex items-center gap-1.5 whitespace-nowrap ${failed ? 'text-bad' : 'text-good'}`}
    >
      <Icon aria-hidden className="size-4" />
      {failed ? 'Failure' : 'Success'}
    </span>
  );
}

function ObjectOf({ event }: { event: AuditRow }) {
  const name = objectOf(event.body);
  if (event.credentialId !== null && name !== null) {
    return <TextLink href={`/credentials/${event.credentialId}`}>{name}</TextLink>;
  }
  return <>{name ?? '—'}</>;
}

function What({ event }: { event: AuditRow }) {
  return (
    <>
      <p className="break-words">{sentenceOf(event.action, event.body)}</p>
      <div className="flex flex-wrap items-start gap-x-3 text-sm text-quiet">
        <code className="font-mono text-[0.8125rem] leading-6">{event.action}</code>
        {event.rotationId !== null && <TextLink href={`/rotations/${event.rotationId}`}>Rotation</TextLink>}
        <details className="min-w-0 open:basis-full">
          <summary className="min-h-6 w-fit leading-6 hover:text-ink">Details</summary>
          <pre className="mt-1 overflow-x-auto rounded-md bg-raised p-3 font-mono text-[0.8125rem] whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">
            {JSON.stringify(event.body, null, 2)}
          </pre>
        </details>
      </div>
    </>
  );
}

/** Audit events, the newest first. Where the columns have no room, each event is a block of its own. */
export function Events({ events }: { events: readonly AuditRow[] }) {
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-xs">
      <TableBox label="Audit events">
        <table className="w-full table-fixed max-xl:block">
          <caption className="sr-only">Audit events, the newest first</caption>
          <thead className="max-xl:sr-only">
            <tr className="border-line border-b">
              <Th className="w-64">Time</Th>
              <Th className="w-36">Actor</Th>
              <Th>Action</Th>
              <Th className="w-40">Object</Th>
              <Th className="w-28">Outcome</Th>
            </tr>
          </thead>
          <tbody className="max-xl:block">
            {events.map((event) => (
              <tr
                key={event.id}
                className="border-line border-b last:border-b-0 max-xl:flex max-xl:flex-wrap max-xl:gap-x-3 max-xl:gap-y-1 max-xl:p-4"
              >
                <Td className="text-sm leading-6 max-xl:grow max-xl:p-0 max-xl:text-quiet">
                  <Moment at={event.at} withSeconds />
                </Td>
                <Td className="break-words max-xl:order-2 max-xl:p-0">{event.actor}</Td>
                <Td className="max-xl:order-1 max-xl:basis-full max-xl:p-0">
                  <What event={event} />
                </Td>
                <Td className="[overflow-wrap:anywhere] max-xl:order-2 max-xl:p-0">
                  <ObjectOf event={event} />
                </Td>
                <Td className="max-xl:p-0">
                  <Outcome outcome={event.outcome} />
                </Td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </div>
  );
}
