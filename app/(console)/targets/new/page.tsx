import type { Metadata } from 'next';
import { ChoiceCards } from '#app/_components/choice-cards.tsx';
import { ChosenKind } from '#app/_components/chosen-kind.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { targetAbilities } from '#app/_words/abilities.ts';
import { targetList, newTarget as words } from '#app/_words/targets.ts';
import { TargetForm } from '#app/(console)/targets/new/target-form.tsx';
import { addTarget } from '#core/targets/add-target.ts';
import { listTargetKinds, type TargetKind } from '#core/targets/list-target-kinds.ts';

export const metadata: Metadata = { title: words.title };

function Chooser({ kinds }: { kinds: readonly TargetKind[] }) {
  const cards = [...kinds]
    .sort((a, b) => a.title.localeCompare(b.title, 'en'))
    .map((one) => ({
      href: `/targets/new?kind=${one.kind}`,
      title: one.title,
      abilities: targetAbilities(one),
      aliases: [one.kind, ...one.aliases],
    }));
  return <ChoiceCards label={words.kinds} cards={cards} />;
}

export default async function NewTargetPage({ searchParams }: PageProps<'/targets/new'>) {
  const actor = await currentActor();
  const { kind: wanted } = await searchParams;
  const kinds = await ask(() => listTargetKinds(actor, {}));
  const kind = kinds.ok ? kinds.value.find((one) => one.kind === wanted) : undefined;
  const may = addTarget.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/targets">{targetList.title}</TextLink>}
        title={words.title}
        about={kind === undefined ? words.askKind : <ChosenKind kind={kind} others="/targets/new" />}
      />
      {!may && <RoleNotice may={addTarget.may} role={actor.role} act={words.act} />}
      {!kinds.ok && <Notice tone="bad">{kinds.message}</Notice>}
      {may && kinds.ok && kind === undefined && <Chooser kinds={kinds.value} />}
      {may && kind !== undefined && <TargetForm kind={kind.kind} fields={kind.configForm} />}
    </>
  );
}
