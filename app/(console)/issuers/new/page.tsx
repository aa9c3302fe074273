import type { Metadata } from 'next';
import { issuerAbilities } from '#app/_components/ability-words.ts';
import { ChoiceCards } from '#app/_components/choice-cards.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { IssuerForm } from '#app/(console)/issuers/new/issuer-form.tsx';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { type IssuerKind, listIssuerKinds } from '#core/issuers/list-issuer-kinds.ts';

export const metadata: Metadata = { title: 'Add an issuer' };

function Chooser({ kinds }: { kinds: readonly IssuerKind[] }) {
  const cards = kinds.map((one) => ({
    href: `/issuers/new?kind=${one.kind}`,
    title: one.title,
    abilities: issuerAbilities(one),
  }));
  return <ChoiceCards label="Kinds of issuers" cards={cards} />;
}

function Chosen({ kind: { title, docs } }: { kind: IssuerKind }) {
  return (
    <p className="flex flex-wrap gap-x-4">
      <span>{title}</span>
      <TextLink href="/issuers/new">Choose another kind</TextLink>
      {docs.startsWith('https://') && (
        <a
          href={docs}
          target="_blank"
          rel="noreferrer"
          className="inline-flex min-h-6 items-center text-accent underline-offset-4 hover:underline"
        >
          Documentation (opens a new tab)
        </a>
      )}
    </p>
  );
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
        above={<TextLink href="/issuers">Issuers</TextLink>}
        title="Add an issuer"
        about={kind === undefined ? 'Which system makes the secrets?' : <Chosen kind={kind} />}
      />
      {!may && <RoleNotice may={addIssuer.may} role={actor.role} act="add an issuer" />}
      {!kinds.ok && <Notice tone="bad">{kinds.message}</Notice>}
      {may && kinds.ok && kind === undefined && <Chooser kinds={kinds.value} />}
      {may && kind !== undefined && <IssuerForm kind={kind.kind} fields={kind.configForm} />}
    </>
  );
}
