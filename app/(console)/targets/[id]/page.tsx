import type { Metadata } from 'next';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { SettingsForm } from '#app/_components/settings-form.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { changeTargetSettings, changeSettings as words } from '#app/_words/change-settings.ts';
import { targetList } from '#app/_words/targets.ts';
import { changeTargetSettingsAction } from '#app/(console)/targets/actions.ts';
import { changeTarget } from '#core/targets/change-target.ts';
import { listTargetKinds } from '#core/targets/list-target-kinds.ts';
import { readTarget } from '#core/targets/read-target.ts';

export const metadata: Metadata = { title: words.title };

export default async function ChangeTargetPage({ params }: PageProps<'/targets/[id]'>) {
  const actor = await currentActor();
  const { id: targetId } = await params;
  const asked = await ask(async () => ({
    target: await readTarget(actor, { targetId }),
    kinds: await listTargetKinds(actor, {}),
  }));
  if (!asked.ok) {
    return <Notice tone="bad">{asked.message}</Notice>;
  }
  const { target, kinds } = asked.value;
  const fields = kinds.find((one) => one.kind === target.kind)?.configForm ?? [];
  const may = changeTarget.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/targets">{targetList.title}</TextLink>}
        title={words.titleOf(target.name)}
        about={target.title}
      />
      {!may && <RoleNotice may={changeTarget.may} role={actor.role} act={changeTargetSettings.act} />}
      {may && fields.length === 0 && <Notice tone="info">{words.none}</Notice>}
      {may && fields.length > 0 && (
        <SettingsForm
          fields={fields}
          stored={target.config}
          staysTheSame={changeTargetSettings.staysTheSame}
          save={changeTargetSettingsAction.bind(null, target.id)}
          back="/targets"
        />
      )}
    </>
  );
}
