import { Inbox } from 'lucide-react';
import type { Metadata } from 'next';
import { ChoiceCards } from '#app/_components/choice-cards.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { targetAbilities } from '#app/_words/abilities.ts';
import { bindPage as words } from '#app/_words/bindings.ts';
import { BindForm } from '#app/(console)/credentials/[id]/bindings/new/bind-form.tsx';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { listFields } from '#core/credentials/list-fields.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { listTargetKinds, type TargetKind } from '#core/targets/list-target-kinds.ts';
import { listTargets, type TargetRow } from '#core/targets/list-targets.ts';

export const metadata: Metadata = { title: words.title };

interface Choice {
  credentialId: string;
  targets: readonly TargetRow[];
  kinds: readonly TargetKind[];
}

function Chooser({ credentialId, targets, kinds }: Choice) {
  if (targets.length === 0) {
    return (
      <Empty icon={Inbox} title={words.none}>
        {fill(words.addFirst, { add: <SentenceLink href="/targets/new">{words.add}</SentenceLink> })}
      </Empty>
    );
  }
  const cards = targets.map((target) => {
    const kind = kinds.find((one) => one.kind === target.kind);
    return {
      href: `/credentials/${credentialId}/bindings/new?target=${target.id}`,
      title: target.name,
      about: target.title,
      abilities: kind === undefined ? [] : targetAbilities(target),
      aliases: [target.kind, ...(kind?.aliases ?? [])],
    };
  });
  return <ChoiceCards label={words.targets} cards={cards} />;
}

export default async function NewBindingPage({
  params,
  searchParams,
}: PageProps<'/credentials/[id]/bindings/new'>) {
  const actor = await currentActor();
  const { id: credentialId } = await params;
  const { target: wanted } = await searchParams;
  const asked = await ask(async () => ({
    credential: await readCredential(actor, { credentialId }),
    fields: await listFields(actor, { credentialId }),
    targets: await listTargets(actor, {}),
    kinds: await listTargetKinds(actor, {}),
  }));
  if (!asked.ok) {
    return <Notice tone="bad">{asked.message}</Notice>;
  }
  const { credential, fields, targets, kinds } = asked.value;
  const target = targets.find((one) => one.id === wanted);
  const kind = kinds.find((one) => one.kind === target?.kind);
  const isChosen = target !== undefined && kind !== undefined;
  const may = bindTarget.may.includes(actor.role);
  const current = credential.versions.find((version) => version.state === 'current');
  return (
    <>
      <PageHeader
        above={<TextLink href={`/credentials/${credentialId}`}>{credential.name}</TextLink>}
        title={words.title}
        about={
          isChosen ? (
            <p className="flex flex-wrap gap-x-4">
              <span>{words.chosen(credential.name, target.name)}</span>
              <TextLink href={`/credentials/${credentialId}/bindings/new`}>{words.chooseAnother}</TextLink>
            </p>
          ) : (
            words.which(credential.name)
          )
        }
      />
      {!may && <RoleNotice may={bindTarget.may} role={actor.role} act={words.act} />}
      {may && !isChosen && <Chooser credentialId={credentialId} targets={targets} kinds={kinds} />}
      {may && isChosen && (
        <BindForm
          credentialId={credentialId}
          version={current?.n ?? null}
          fields={fields}
          target={target}
          kind={kind}
        />
      )}
    </>
  );
}
