import { CalendarClock } from 'lucide-react';
import type { Metadata } from 'next';
import { Empty } from '#app/_components/empty.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { schedulePage as words } from '#app/_words/schedule.ts';
import { MoveNextRun } from '#app/(console)/credentials/[id]/schedule/move-next-run.tsx';
import { type PolicyChoice, ScheduleForm } from '#app/(console)/credentials/[id]/schedule/schedule-form.tsx';
import { Unassign } from '#app/(console)/credentials/[id]/schedule/unassign.tsx';
import type { Actor } from '#core/access/actor.ts';
import { type CredentialView, readCredential } from '#core/credentials/read-credential.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { listPolicies, type PolicyRow } from '#core/policies/list-policies.ts';
import { previewSlots } from '#core/policies/preview-slots.ts';
import { rhythmOf } from '#core/schedule/next-slot.ts';

export const metadata: Metadata = { title: words.title };

async function choiceOf(actor: Actor, policy: PolicyRow): Promise<PolicyChoice> {
  const { id, name, approvals, graceSeconds, graceAfterUseSeconds, enabled, rules } = policy;
  const rhythm = rhythmOf(policy);
  const preview = enabled ? await ask(() => previewSlots(actor, { rhythm, rules, count: 1 })) : null;
  const firstSlot = preview?.ok ? (preview.value.slots[0]?.starts ?? null) : null;
  return { id, name, rhythm, approvals, graceSeconds, graceAfterUseSeconds, enabled, firstSlot };
}

function Now({ policy }: { policy: CredentialView['policy'] }) {
  if (policy === null) {
    return words.noPolicy;
  }
  const { name, isOn, nextRotationAt } = policy;
  if (nextRotationAt !== null) {
    return fill(words.policyNext, { policy: name, at: <Moment at={nextRotationAt} /> });
  }
  return isOn ? words.policy(name) : words.policyOff(name);
}

export default async function SchedulePage({ params }: PageProps<'/credentials/[id]/schedule'>) {
  const actor = await currentActor();
  const { id: credentialId } = await params;
  const asked = await ask(async () => ({
    credential: await readCredential(actor, { credentialId }),
    policies: await listPolicies(actor, {}),
  }));
  if (!asked.ok) {
    return <Notice tone="bad">{asked.message}</Notice>;
  }
  const { credential, policies } = asked.value;
  const may = assignPolicy.may.includes(actor.role);
  const choices = await Promise.all(policies.map((policy) => choiceOf(actor, policy)));
  const current = policies.find((policy) => policy.name === credential.policy?.name);
  return (
    <>
      <PageHeader
        above={<TextLink href={`/credentials/${credentialId}`}>{credential.name}</TextLink>}
        title={words.heading(credential.name)}
        about={<Now policy={credential.policy} />}
      />
      {!may && <RoleNotice may={assignPolicy.may} role={actor.role} act={words.act} />}
      {may && choices.length === 0 && (
        <Empty icon={CalendarClock} title={words.none}>
          {fill(words.addFirst, { add: <SentenceLink href="/policies/new">{words.add}</SentenceLink> })}
        </Empty>
      )}
      {may && choices.length > 0 && (
        <ScheduleForm
          credential={{ id: credentialId, name: credential.name }}
          policies={choices}
          currentId={current?.id ?? null}
        />
      )}
      {may && credential.policy !== null && credential.policy.nextRotationAt !== null && (
        <MoveNextRun credentialId={credentialId} nextRotationAt={credential.policy.nextRotationAt} />
      )}
      {may && credential.policy !== null && (
        <Unassign credentialId={credentialId} policy={credential.policy.name} />
      )}
    </>
  );
}
