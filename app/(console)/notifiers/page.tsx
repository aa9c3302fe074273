import { Bell, Plus } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { notifierList as words } from '#app/_words/notifiers.ts';
import { NotifierLine } from '#app/(console)/notifiers/notifier-line.tsx';
import { addNotifier } from '#core/notifiers/add-notifier.ts';
import { listNotifiers } from '#core/notifiers/list-notifiers.ts';

export const metadata: Metadata = { title: words.title };

export default async function NotifiersPage() {
  const actor = await currentActor();
  const listed = await ask(() => listNotifiers(actor, {}));
  const may = addNotifier.may.includes(actor.role);
  return (
    <>
      <PageHeader
        title={words.title}
        about={words.about}
        actions={
          may && (
            <Link href="/notifiers/new" className={buttonClass('primary')}>
              <Plus aria-hidden className="size-4" />
              {words.add}
            </Link>
          )
        }
      />
      {!listed.ok && <Notice tone="bad">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && (
        <Empty icon={Bell} title={words.noneYet}>
          {words.whatOneIs}
        </Empty>
      )}
      {listed.ok && listed.value.length > 0 && (
        <ul aria-label={words.title} className="rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((notifier) => (
            <NotifierLine key={notifier.id} notifier={notifier} may={may} />
          ))}
        </ul>
      )}
    </>
  );
}
