import type { Metadata } from 'next';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { notifierList, changeNotifierPage as words } from '#app/_words/notifiers.ts';
import { ChangeNotifier } from '#app/(console)/notifiers/[id]/change-notifier.tsx';
import { changeNotifier } from '#core/notifiers/change-notifier.ts';
import { listNotifierKinds } from '#core/notifiers/list-notifier-kinds.ts';
import { readNotifier } from '#core/notifiers/read-notifier.ts';

export const metadata: Metadata = { title: words.title };

export default async function ChangeNotifierPage({ params }: PageProps<'/notifiers/[id]'>) {
  const actor = await currentActor();
  const { id: notifierId } = await params;
  const asked = await ask(async () => ({
    notifier: await readNotifier(actor, { notifierId }),
    kinds: await listNotifierKinds(actor, {}),
  }));
  if (!asked.ok) {
    return <Notice tone="bad">{asked.message}</Notice>;
  }
  const { notifier, kinds } = asked.value;
  const kind = kinds.find((one) => one.kind === notifier.kind);
  const may = changeNotifier.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/notifiers">{notifierList.title}</TextLink>}
        title={words.change(notifier.name)}
        about={notifier.title}
      />
      {may ? (
        <ChangeNotifier notifier={notifier} fields={kind?.configForm ?? []} />
      ) : (
        <RoleNotice may={changeNotifier.may} role={actor.role} act={words.act} />
      )}
    </>
  );
}
