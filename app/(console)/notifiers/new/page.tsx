import type { Metadata } from 'next';
import { ChoiceCards } from '#app/_components/choice-cards.tsx';
import { ChosenKind } from '#app/_components/chosen-kind.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { notifierList, newNotifier as words } from '#app/_words/notifiers.ts';
import { NotifierForm } from '#app/(console)/notifiers/new/notifier-form.tsx';
import { addNotifier } from '#core/notifiers/add-notifier.ts';
import { listNotifierKinds } from '#core/notifiers/list-notifier-kinds.ts';

export const metadata: Metadata = { title: words.title };

export default async function NewNotifierPage({ searchParams }: PageProps<'/notifiers/new'>) {
  const actor = await currentActor();
  const { kind: wanted } = await searchParams;
  const kinds = await ask(() => listNotifierKinds(actor, {}));
  const kind = kinds.ok ? kinds.value.find((one) => one.kind === wanted) : undefined;
  const may = addNotifier.may.includes(actor.role);
  const cards = (kinds.ok ? kinds.value : []).map((one) => ({
    href: `/notifiers/new?kind=${one.kind}`,
    title: one.title,
    about: one.needs,
    abilities: [],
  }));
  return (
    <>
      <PageHeader
        above={<TextLink href="/notifiers">{notifierList.title}</TextLink>}
        title={words.title}
        about={kind === undefined ? words.askKind : <ChosenKind kind={kind} others="/notifiers/new" />}
      />
      {!may && <RoleNotice may={addNotifier.may} role={actor.role} act={words.act} />}
      {!kinds.ok && <Notice tone="bad">{kinds.message}</Notice>}
      {may && kinds.ok && kind === undefined && <ChoiceCards label={words.kinds} cards={cards} />}
      {may && kind !== undefined && <NotifierForm kind={kind.kind} fields={kind.configForm} />}
    </>
  );
}
