import clsx from 'clsx';
import { Panel } from '#app/_components/panel.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { undoAddress } from '#app/_components/undo.ts';
import { historyPanel as words } from '#app/_words/credential.ts';
import { sentenceOf } from '#app/_words/events.ts';
import type { AuditRow } from '#core/evidence/list-audit-events.ts';

function Choice({ credentialId, withSteps }: { credentialId: string; withSteps: boolean }) {
  const page = `/credentials/${credentialId}`;
  const choices = [
    { name: words.withoutSteps, href: `${page}#history`, here: !withSteps },
    { name: words.withSteps, href: `${page}?history=steps#history`, here: withSteps },
  ];
  return (
    <nav aria-label={words.choice} className="flex flex-wrap gap-x-4 px-4 pb-2 text-sm sm:px-5">
      {choices.map(({ name, href, here }) => (
        <TextLink
          key={name}
          href={href}
          scroll={false}
          aria-current={here ? 'true' : undefined}
          className={clsx('pointer-coarse:min-h-11', here && 'font-medium text-ink!')}
        >
          {name}
        </TextLink>
      ))}
    </nav>
  );
}

/**
 * The latest audit events of one credential, without the steps of its rotations unless they are asked for. The newest of a rotation
 * leads back while its overlap lasts.
 */
export function History({
  credentialId,
  events,
  withSteps,
  undoable,
}: {
  credentialId: string;
  events: readonly AuditRow[];
  withSteps: boolean;
  /** The rotation that the reader may roll back now. */
  undoable: string | null;
}) {
  const leadsBack = events.find(({ rotationId }) => rotationId !== null && rotationId === undoable);
  return (
    <div id="history" className="scroll-mt-20">
      <Panel
        title={words.title}
        aside={<TextLink href={`/audit?q=credential:${credentialId}`}>{words.all}</TextLink>}
        flush
      >
        <Choice credentialId={credentialId} withSteps={withSteps} />
        {events.length === 0 && <p className="px-4 pb-4 text-quiet sm:px-5">{words.none}</p>}
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
    </div>
  );
}
