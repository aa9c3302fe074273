import type { Metadata } from 'next';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { policyList, newPolicy as words } from '#app/_words/policies.ts';
import { PolicyForm } from '#app/(console)/policies/new/policy-form.tsx';
import { listNotifiers } from '#core/notifiers/list-notifiers.ts';
import { createPolicy } from '#core/policies/create-policy.ts';

export const metadata: Metadata = { title: words.title };

export default async function NewPolicyPage() {
  const actor = await currentActor();
  const may = createPolicy.may.includes(actor.role);
  // Listed here, so that server and browser draw the same names.
  const timeZones = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];
  const notifiers = await listNotifiers(actor, {});
  return (
    <>
      <PageHeader
        above={<TextLink href="/policies">{policyList.title}</TextLink>}
        title={words.title}
        about={words.about}
      />
      {may ? (
        <PolicyForm timeZones={timeZones} notifiers={notifiers.map(({ id, name }) => ({ id, name }))} />
      ) : (
        <RoleNotice may={createPolicy.may} role={actor.role} act={words.act} />
      )}
    </>
  );
}
