'use client';

import { useState } from 'react';
import { buttonClass } from '#app/_components/button.tsx';
import { fill } from '#app/_components/fill.tsx';
import { FirstRunChoice, firstRunOf } from '#app/_components/first-run-choice.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import { common } from '#app/_words/common.ts';
import { approvalWords, graceWords, rhythmWords } from '#app/_words/rhythm.ts';
import { policyOff, scheduleForm as words } from '#app/_words/schedule.ts';
import { assignPolicyAction } from '#app/(console)/credentials/[id]/schedule/actions.ts';
import type { Rhythm } from '#core/schedule/next-slot.ts';

export interface PolicyChoice {
  id: string;
  name: string;
  rhythm: Rhythm;
  approvals: number;
  graceSeconds: number;
  graceAfterUseSeconds: number | null;
  /** Nothing rotates by one that is off. */
  enabled: boolean;
  /** The slot a credential would get first if it were given the policy now; null for one that is off. */
  firstSlot: string | null;
}

function PolicyCard({
  policy,
  isCurrent,
  isOnly,
}: {
  policy: PolicyChoice;
  isCurrent: boolean;
  isOnly: boolean;
}) {
  return (
    <label className="flex gap-3 rounded-md border border-line p-3 has-checked:border-accent has-checked:bg-raised">
      <input
        type="radio"
        name="policyId"
        value={policy.id}
        defaultChecked={isCurrent || isOnly}
        required
        className="mt-0.5 size-5 shrink-0 accent-accent pointer-coarse:size-6"
      />
      <span className="min-w-0">
        <span className="block font-medium break-words">
          {policy.name}
          {isCurrent && <span className="font-normal text-quiet"> · {words.isCurrent}</span>}
        </span>
        <span className="block text-sm text-quiet">
          {rhythmWords(policy.rhythm)}. {approvalWords(policy.approvals)}{' '}
          {graceWords(policy.graceSeconds, policy.graceAfterUseSeconds)}
        </span>
        {!policy.enabled && <span className="block text-sm text-warn">{policyOff.said}</span>}
        {policy.firstSlot !== null && (
          <span className="block text-sm text-quiet">
            {fill(words.nextSlot, { at: <Moment at={policy.firstSlot} /> })}
          </span>
        )}
      </span>
    </label>
  );
}

/** When it rotates first, which nobody can say of a policy that is off: whoever switches it on is asked. */
function FirstRotation({ policy }: { policy: PolicyChoice | undefined }) {
  return policy?.enabled === false ? (
    <Notice tone="warn" live>
      {policyOff.said}
    </Notice>
  ) : (
    <FormPart title={words.first} about={words.firstAbout}>
      <FirstRunChoice />
    </FormPart>
  );
}

/** What came of it: when the credential rotates first, or why not. */
function Given({
  credential,
  policy,
  at,
}: {
  credential: string;
  policy: PolicyChoice | undefined;
  at: string | null;
}) {
  if (policy?.enabled === false) {
    return (
      <Notice tone="warn" live>
        {words.isOff(credential)} {policyOff.said}
      </Notice>
    );
  }
  return (
    <Notice tone="good" live>
      {at === null
        ? words.noNext(credential)
        : fill(words.rotatesFirst, { credential, at: <Moment at={at} /> })}
    </Notice>
  );
}

/** Gives a credential one of the policies; then says when it rotates first. */
export function ScheduleForm({
  credential,
  policies,
  currentId,
}: {
  credential: { id: string; name: string };
  policies: readonly PolicyChoice[];
  currentId: string | null;
}) {
  const only = policies.length === 1 ? policies[0] : undefined;
  const [chosen, setChosen] = useState(only?.id ?? currentId);
  const [given, setGiven] = useState<{ nextRotationAt: string | null } | null>(null);
  const policy = policies.find(({ id }) => id === chosen);
  const page = `/credentials/${credential.id}`;
  if (given !== null) {
    return (
      <div className="flex max-w-2xl flex-col items-start gap-6">
        <Given credential={credential.name} policy={policy} at={given.nextRotationAt} />
        <TextLink href={page} className={buttonClass('primary')}>
          {words.back(credential.name)}
        </TextLink>
      </div>
    );
  }
  return (
    <SchemaForm
      send={(data) => assignPolicyAction(credential.id, String(data.get('policyId')), firstRunOf(data))}
      onChange={(form) => setChosen(String(new FormData(form).get('policyId')))}
      onDone={setGiven}
      submit={words.give}
      sending={common.saving}
      cancel={page}
      hasMarks={false}
    >
      <FormPart title={words.policy}>
        {policies.map((one) => (
          <PolicyCard
            key={one.id}
            policy={one}
            isCurrent={one.id === currentId}
            isOnly={policies.length === 1}
          />
        ))}
      </FormPart>
      <FirstRotation policy={policy} />
    </SchemaForm>
  );
}
