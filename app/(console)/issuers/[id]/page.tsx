import type { Metadata } from 'next';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { SettingsForm } from '#app/_components/settings-form.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { changeIssuerSettings, changeSettings as words } from '#app/_words/change-settings.ts';
import { issuerList } from '#app/_words/issuers.ts';
import { changeIssuerSettingsAction } from '#app/(console)/issuers/actions.ts';
import { changeIssuer } from '#core/issuers/change-issuer.ts';
import { listIssuerKinds } from '#core/issuers/list-issuer-kinds.ts';
import { readIssuer } from '#core/issuers/read-issuer.ts';

export const metadata: Metadata = { title: words.title };

export default async function ChangeIssuerPage({ params }: PageProps<'/issuers/[id]'>) {
  const actor = await currentActor();
  const { id: issuerId } = await params;
  const asked = await ask(async () => ({
    issuer: await readIssuer(actor, { issuerId }),
    kinds: await listIssuerKinds(actor, {}),
  }));
  if (!asked.ok) {
    return <Notice tone="bad">{asked.message}</Notice>;
  }
  const { issuer, kinds } = asked.value;
  const fields = kinds.find((one) => one.kind === issuer.kind)?.configForm ?? [];
  const may = changeIssuer.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/issuers">{issuerList.title}</TextLink>}
        title={words.titleOf(issuer.name)}
        about={issuer.title}
      />
      {!may && <RoleNotice may={changeIssuer.may} role={actor.role} act={changeIssuerSettings.act} />}
      {may && fields.length === 0 && <Notice tone="info">{words.none}</Notice>}
      {may && fields.length > 0 && (
        <SettingsForm
          fields={fields}
          stored={issuer.config}
          staysTheSame={changeIssuerSettings.staysTheSame}
          save={changeIssuerSettingsAction.bind(null, issuer.id)}
          back="/issuers"
        />
      )}
    </>
  );
}
