import type { Metadata } from 'next';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { sessionsPage as words } from '#app/_words/settings.ts';
import { EndOthers } from '#app/(console)/settings/sessions/end-others.tsx';
import { SessionLine } from '#app/(console)/settings/sessions/session-line.tsx';
import { listAllSessions } from '#core/users/list-all-sessions.ts';
import { listSessions } from '#core/users/list-sessions.ts';

export const metadata: Metadata = { title: words.title };

export default async function SessionsPage() {
  const actor = await currentActor();
  const mine = await ask(() => listSessions(actor, {}));
  const all = listAllSessions.may.includes(actor.role) ? await ask(() => listAllSessions(actor, {})) : null;
  const own = mine.ok ? mine.value.map(({ id }) => id) : [];
  const others = all?.ok ? all.value.filter(({ id }) => !own.includes(id)) : [];
  return (
    <div className="flex flex-col gap-6">
      <PageHeader title={words.title} about={words.about} />
      {!mine.ok && <Notice tone="bad">{mine.message}</Notice>}
      {mine.ok && (
        <div className="-mt-6">
          <Panel title={words.yours} flush aside={mine.value.length > 1 && <EndOthers />}>
            <ul>
              {mine.value.map((session) => (
                <SessionLine key={session.id} session={session} isThis={session.id === actor.sessionId} />
              ))}
            </ul>
          </Panel>
        </div>
      )}
      {all?.ok === false && <Notice tone="bad">{all.message}</Notice>}
      {others.length > 0 && (
        <Panel title={words.ofOthers} flush>
          <ul>
            {others.map((session) => (
              <SessionLine key={session.id} session={session} isThis={false} withName />
            ))}
          </ul>
        </Panel>
      )}
    </div>
  );
}
