import { Bell, Plus } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { NotifierLine } from '#app/(console)/notifiers/notifier-line.tsx';
import { addNotifier } from '#core/notifiers/add-notifier.ts';
import { listNotifiers } from '#core/notifiers/list-notifiers.ts';

export const metadata: Metadata = { title: 'Notifiers' };

export default async function NotifiersPage() {
  const actor = await currentActor();
  const listed = await ask(() => listNotifiers(actor, {}));
  const may = addNotifier.may.includes(actor.role);
  return (
    <>
      <PageHeader
        title="Notifiers"
        about="Who is told when something needs a person. Each thing is told once, and what comes together is one message."
        actions={
          may && (
            <Link href="/notifiers/new" className={buttonClass('primary')}>
              <Plus aria-hidden className="size-4" />
              Add notifier
            </Link>
          )
        }
      />
      {!listed.ok && <Notice tone="bad">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && (
        <Empty icon={Bell} title="Nobody is told yet.">
          A notifier reaches people by e-mail, in a channel of Slack or Teams, or through a webhook of your
          own when a rotation is held, a person is needed, or a secret is about to expire.
        </Empty>
      )}
      {listed.ok && listed.value.length > 0 && (
        <ul aria-label="Notifiers" className="rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((notifier) => (
            <NotifierLine key={notifier.id} notifier={notifier} may={may} />
          ))}
        </ul>
      )}
    </>
  );
}
