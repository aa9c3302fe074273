import { Landmark } from 'lucide-react';
import type { Metadata } from 'next';
import { Suspense } from 'react';
import { ChoiceCards } from '#app/_components/choice-cards.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { issuerAbilities } from '#app/_words/abilities.ts';
import { Browse } from '#app/(console)/credentials/new/browse.tsx';
import { ImportForm } from '#app/(console)/credentials/new/import-form.tsx';
import { importCredential } from '#core/credentials/import-credential.ts';
import { type IssuerKind, listIssuerKinds } from '#core/issuers/list-issuer-kinds.ts';
import { type IssuerRow, listIssuers } from '#core/issuers/list-issuers.ts';

export const metadata: Metadata = { title: 'Import a credential' };

function Chooser({ issuers, kinds }: { issuers: readonly IssuerRow[]; kinds: readonly IssuerKind[] }) {
  if (issuers.length === 0) {
    return (
      <Empty icon={Landmark} title="There is no issuer yet.">
        A credential belongs to the issuer that makes its secrets.{' '}
        <TextLink href="/issuers/new">Add an issuer</TextLink> first.
      </Empty>
    );
  }
  const cards = issuers.map((issuer) => {
    const kind = kinds.find((one) => one.kind === issuer.kind);
    return {
      href: `/credentials/new?issuer=${issuer.id}`,
      title: issuer.name,
      about: issuer.title,
      abilities: kind === undefined ? [] : issuerAbilities(kind),
    };
  });
  return <ChoiceCards label="Issuers" cards={cards} />;
}

export default async function NewCredentialPage({ searchParams }: PageProps<'/credentials/new'>) {
  const actor = await currentActor();
  const { issuer: wanted, by } = await searchParams;
  const asked = await ask(async () => ({
    issuers: await listIssuers(actor, {}),
    kinds: await listIssuerKinds(actor, {}),
  }));
  const issuer = asked.ok ? asked.value.issuers.find((one) => one.id === wanted) : undefined;
  const kind = asked.ok ? asked.value.kinds.find((one) => one.kind === issuer?.kind) : undefined;
  const isChosen = issuer !== undefined && kind !== undefined;
  const isByHand = by === 'hand' || kind?.canBrowse !== true;
  const may = importCredential.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/credentials">Credentials</TextLink>}
        title="Import a credential"
        about={
          isChosen ? (
            <p className="flex flex-wrap gap-x-4">
              <span>From {issuer.name}</span>
              <TextLink href="/credentials/new">Choose another issuer</TextLink>
              {kind.canBrowse && (
                <TextLink href={`/credentials/new?issuer=${issuer.id}${isByHand ? '' : '&by=hand'}`}>
                  {isByHand ? 'Pick from what it has' : 'Enter a place by hand'}
                </TextLink>
              )}
            </p>
          ) : (
            'Which issuer makes its secrets?'
          )
        }
      />
      {!may && <RoleNotice may={importCredential.may} role={actor.role} act="import a credential" />}
      {!asked.ok && <Notice tone="bad">{asked.message}</Notice>}
      {may && asked.ok && !isChosen && <Chooser {...asked.value} />}
      {may && isChosen && isByHand && <ImportForm issuer={issuer} kind={kind} />}
      {may && isChosen && !isByHand && (
        <Suspense fallback={<p className="text-quiet">Asking {issuer.name} what it has…</p>}>
          <Browse issuer={issuer} kind={kind} />
        </Suspense>
      )}
    </>
  );
}
