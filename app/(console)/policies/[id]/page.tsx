import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { policyList, policyPage as words } from '#app/_words/policies.ts';
import { PolicyState } from '#app/(console)/policies/[id]/policy-state.tsx';
import { PolicyForm } from '#app/(console)/policies/new/policy-form.tsx';
import { listNotifiers } from '#core/notifiers/list-notifiers.ts';
import { archivePolicy } from '#core/policies/archive-policy.ts';
import { changePolicy } from '#core/policies/change-policy.ts';
import { listPolicies } from '#core/policies/list-policies.ts';
import { readPolicy } from '#core/policies/read-policy.ts';

export const metadata: Metadata = { title: words.title };

export default async function PolicyPage({ params }: PageProps<'/policies/[id]'>) {
  const actor = await currentActor();
  const { id } = await params;
  const listed = await ask(() => listPolicies(actor, {}));
  const read = await ask(() => readPolicy(actor, { policyId: id }));
  if (!listed.ok) {
    return <Notice tone="bad">{listed.message}</Notice>;
  }
  const policy = listed.value.find((one) => one.id === id);
  if (policy === undefined) {
    notFound();
  }
  const timeZones = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];
  const notifiers = await listNotifiers(actor, {});
  return (
    <>
      <PageHeader
        above={<TextLink href="/policies">{policyList.title}</TextLink>}
        title={policy.name}
        about={words.about(policy)}
      />
      {changePolicy.may.includes(actor.role) ? (
        <PolicyForm
          timeZones={timeZones}
          notifiers={notifiers.map(({ id: one, name }) => ({ id: one, name }))}
          policy={policy}
        />
      ) : (
        <RoleNotice may={changePolicy.may} role={actor.role} act={words.act} />
      )}
      {read.ok && <PolicyState policy={read.value} may={archivePolicy.may.includes(actor.role)} />}
    </>
  );
}
