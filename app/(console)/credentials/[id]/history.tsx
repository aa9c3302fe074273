import { Panel } from '#app/_components/panel.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { undoAddress } from '#app/_components/undo.ts';
import { historyPanel as words } from '#app/_words/credential.ts';
import { sentenceOf } from '#app/_words/events.ts';
import type { AuditRow } from '#core/evidence/list-audit-events.ts';

/** The latest audit events of one credential. The newest of a rotation leads back while its overlap lasts. */
export function History({
  credentialId,
  events,
  undoable,
}: {
  credentialId: string;
  events: readonly AuditRow[];
  /** The rotation that the reader may roll back now. */
  undoable: string | null;
}) {
  const leadsBack = events.find(({ rotationId }) => rotationId !== null && rotationId === undoable);
  return (
    <Panel
      title={words.title}
      aside={<TextLink href={`/audit?q=credential:${credentialId}`}>{words.all}</TextLink>}
      flush
    >
      <ul>
        {events.map((event) => (
          <li key={event.id} className="border-line border-t px-4 py-2.5 text-sm sm:px-5">
            <p className="break-words">
              {event.outcome === 'failure' && (
                <strong className="font-medium text-bad">{words.failed} </strong>
              )}
              {sentenceOf(event.action, event.body)}
            </p>
            <p className="text-quiet">
              {event.actor} · <Ago at={event.at} />
            </p>
            {event === leadsBack && undoable !== null && (
              <p>
                <TextLink href={undoAddress(undoable)}>{words.rollBack}</TextLink>
              </p>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
