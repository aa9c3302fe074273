import { CalendarClock, Plus } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { policyList as words } from '#app/_words/policies.ts';
import {
  approvalWords,
  graceWords,
  limitWords,
  needsWords,
  retryWords,
  rhythmWords,
  rulesWords,
  sentencesOf,
  toldWords,
} from '#app/_words/rhythm.ts';
import { count } from '#app/_words/rotation.ts';
import { PauseEverything } from '#app/(console)/pause-everything.tsx';
import { listNotifiers, type NotifierRow } from '#core/notifiers/list-notifiers.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { listPolicies, type PolicyRow } from '#core/policies/list-policies.ts';
import { pauseEverything } from '#core/rotation/pause-everything.ts';
import { readStandstill } from '#core/rotation/read-standstill.ts';
import { rhythmOf } from '#core/schedule/next-slot.ts';

export const metadata: Metadata = { title: words.title };

/** What a policy says, sentence by sentence. */
const policyWords = (policy: PolicyRow, notifiers: readonly NotifierRow[]) =>
  sentencesOf([
    `${rhythmWords(rhythmOf(policy))}.`,
    rulesWords(policy.rules),
    limitWords(policy),
    approvalWords(policy.approvals),
    needsWords(policy.needs),
    retryWords(policy),
    toldWords(policy.notifierIds, notifiers),
    graceWords(policy.graceSeconds, policy.graceAfterUseSeconds),
  ]);

function Row({ policy, notifiers }: { policy: PolicyRow; notifiers: readonly NotifierRow[] }) {
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-1 border-line border-t p-4 first:border-t-0 sm:px-5">
      <div className="min-w-0 flex-1 basis-60">
        <TextLink href={`/policies/${policy.id}`} className="font-medium break-words">
          {policy.name}
        </TextLink>
        <p className="text-sm break-words text-quiet">{policyWords(policy, notifiers)}</p>
      </div>
      <p className="text-sm text-quiet">
        {!policy.enabled && `${words.off} · `}
        {count(policy.credentials, 'credential')}
      </p>
    </li>
  );
}

export default async function PoliciesPage() {
  const actor = await currentActor();
  const listed = await ask(() => listPolicies(actor, {}));
  const notifiers = await listNotifiers(actor, {});
  const standstill = await readStandstill(actor, {});
  const mayPause = pauseEverything.may.includes(actor.role) && standstill === null;
  return (
    <>
      <PageHeader
        title={words.title}
        about={words.about}
        actions={
          createPolicy.may.includes(actor.role) && (
            <Link href="/policies/new" className={buttonClass('primary')}>
              <Plus aria-hidden className="size-4" />
              {words.add}
            </Link>
          )
        }
      />
      {!listed.ok && <Notice tone="bad">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && (
        <Empty icon={CalendarClock} title={words.noneYet}>
          {words.withoutOne}
        </Empty>
      )}
      {listed.ok && listed.value.length > 0 && (
        <ul aria-label={words.title} className="rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((policy) => (
            <Row key={policy.id} policy={policy} notifiers={notifiers} />
          ))}
        </ul>
      )}
      {mayPause && (
        <div className="mt-8 max-w-2xl">
          <Panel title={words.pauseTitle}>
            <p className="mb-3 text-quiet">{words.pauseAbout}</p>
            <PauseEverything paused={false} />
          </Panel>
        </div>
      )}
    </>
  );
}
