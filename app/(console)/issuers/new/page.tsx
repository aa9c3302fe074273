import type { Metadata } from 'next';
import { ChoiceCards } from '#app/_components/choice-cards.tsx';
import { ChosenKind } from '#app/_components/chosen-kind.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { issuerAbilities } from '#app/_words/abilities.ts';
import { issuerList, newIssuer as words } from '#app/_words/issuers.ts';
import { IssuerForm } from '#app/(console)/issuers/new/issuer-form.tsx';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { type IssuerKind, listIssuerKinds } from '#core/issuers/list-issuer-kinds.ts';

export const metadata: Metadata = { title: words.title };

function Chooser({ kinds }: { kinds: readonly IssuerKind[] }) {
  const cards = [...kinds]
    .sort((a, b) => a.title.localeCompare(b.title, 'en'))
    .map((one) => ({
      href: `/issuers/new?kind=${one.kind}`,
      title: one.title,
      abilities: issuerAbilities(one),
      aliases: [one.kind, ...one.aliases],
    }));
  return <ChoiceCards label={words.kinds} cards={cards} />;
}

export default async function NewIssuerPage({ searchParams }: PageProps<'/issuers/new'>) {
  const actor = await currentActor();
  const { kind: wanted } = await searchParams;
  const kinds = await ask(() => listIssuerKinds(actor, {}));
  const kind = kinds.ok ? kinds.value.find((one) => one.kind === wanted) : undefined;
  const may = addIssuer.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/issuers">{issuerList.title}</TextLink>}
        title={words.title}
        about={kind === undefined ? words.askKind : <ChosenKind kind={kind} others="/issuers/new" />}
      />
      {!may && <RoleNotice may={addIssuer.may} role={actor.role} act={words.act} />}
      {!kinds.ok && <Notice tone="bad">{kinds.message}</Notice>}
      {may && kinds.ok && kind === undefined && <Chooser kinds={kinds.value} />}
      {may && kind !== undefined && <IssuerForm kind={kind.kind} fields={kind.configForm} />}
    </>
  );
}
