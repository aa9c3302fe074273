import type { Metadata } from 'next';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { undoableOf } from '#app/_doors/undoable.ts';
import { eventPage as words } from '#app/_words/audit.ts';
import { sentenceOf } from '#app/_words/events.ts';
import { EventDetails } from '#app/(console)/audit/event-details.tsx';
import { Seal } from '#app/(console)/audit/events/[id]/seal.tsx';
import { readAuditEvent } from '#core/evidence/read-audit-event.ts';

export const metadata: Metadata = { title: words.title };

export default async function AuditEventPage({ params }: PageProps<'/audit/events/[id]'>) {
  const user = await currentActor();
  const { id } = await params;
  const found = await ask(() => readAuditEvent(user, { id }));
  if (!found.ok) {
    return <p>{found.message}</p>;
  }
  const { text, previous, next, ...event } = found.value;
  return (
    <>
      <PageHeader
        above={<TextLink href="/audit">{words.log}</TextLink>}
        title={sentenceOf(event.action, event.body)}
        about={words.about(event.id)}
      />
      <div className="flex flex-col gap-4">
        <Panel title={words.stored}>
          <EventDetails event={event} text={text} undoable={await undoableOf(user, [event])} />
        </Panel>
        <Seal actor={user} eventId={event.id} />
        <nav aria-label={words.around} className="flex justify-between gap-6">
          <span>
            {previous !== null && <TextLink href={`/audit/events/${previous}`}>{words.before}</TextLink>}
          </span>
          <span>{next !== null && <TextLink href={`/audit/events/${next}`}>{words.after}</TextLink>}</span>
        </nav>
      </div>
    </>
  );
}
