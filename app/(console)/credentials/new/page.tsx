import { Landmark } from 'lucide-react';
import type { Metadata } from 'next';
import { Suspense } from 'react';
import { ChoiceCards } from '#app/_components/choice-cards.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { issuerAbilities } from '#app/_words/abilities.ts';
import { importPage as words } from '#app/_words/import.ts';
import { Browse } from '#app/(console)/credentials/new/browse.tsx';
import { ImportForm } from '#app/(console)/credentials/new/import-form.tsx';
import { importCredential } from '#core/credentials/import-credential.ts';
import { type IssuerKind, listIssuerKinds } from '#core/issuers/list-issuer-kinds.ts';
import { type IssuerRow, listIssuers } from '#core/issuers/list-issuers.ts';

export const metadata: Metadata = { title: words.title };

function Chooser({ issuers, kinds }: { issuers: readonly IssuerRow[]; kinds: readonly IssuerKind[] }) {
  if (issuers.length === 0) {
    return (
      <Empty icon={Landmark} title={words.noIssuer}>
        {fill(words.noIssuerAbout, {
          addIssuer: <SentenceLink href="/issuers/new">{words.addIssuer}</SentenceLink>,
        })}
      </Empty>
    );
  }
  const cards = issuers.map((issuer) => {
    const kind = kinds.find((one) => one.kind === issuer.kind);
    return {
      href: `/credentials/new?issuer=${issuer.id}`,
      title: issuer.name,
      about: issuer.title,
      abilities: kind === undefined ? [] : issuerAbilities({ can: issuer.can, hasApi: kind.hasApi }),
      aliases: [issuer.kind, ...(kind?.aliases ?? [])],
    };
  });
  return <ChoiceCards label={words.issuers} cards={cards} />;
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
        above={<TextLink href="/credentials">{words.above}</TextLink>}
        title={words.title}
        about={
          isChosen ? (
            <p className="flex flex-wrap gap-x-4">
              <span>{words.from(issuer.name)}</span>
              <TextLink href="/credentials/new">{words.another}</TextLink>
              {kind.canBrowse && (
                <TextLink href={`/credentials/new?issuer=${issuer.id}${isByHand ? '' : '&by=hand'}`}>
                  {isByHand ? words.pick : words.byHand}
                </TextLink>
              )}
            </p>
          ) : (
            words.ask
          )
        }
      />
      {!may && <RoleNotice may={importCredential.may} role={actor.role} act={words.act} />}
      {!asked.ok && <Notice tone="bad">{asked.message}</Notice>}
      {may && asked.ok && !isChosen && <Chooser {...asked.value} />}
      {may && isChosen && isByHand && <ImportForm issuer={issuer} kind={kind} />}
      {may && isChosen && !isByHand && (
        <Suspense fallback={<p className="text-quiet">{words.asking(issuer.name)}</p>}>
          <Browse issuer={issuer} kind={kind} />
        </Suspense>
      )}
    </>
  );
}
