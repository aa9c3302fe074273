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
import { scheduleForm as words } from '#app/_words/schedule.ts';
import { assignPolicyAction } from '#app/(console)/credentials/[id]/schedule/actions.ts';
import type { Rhythm } from '#core/schedule/next-slot.ts';

export interface PolicyChoice {
  id: string;
  name: string;
  rhythm: Rhythm;
  approvals: number;
  graceSeconds: number;
  graceAfterUseSeconds: number | null;
  /** The slot a credential would get first if it were given the policy now. */
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
        {policy.firstSlot !== null && (
          <span className="block text-sm text-quiet">
            {fill(words.nextSlot, { at: <Moment at={policy.firstSlot} /> })}
          </span>
        )}
      </span>
    </label>
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
  const [given, setGiven] = useState<{ nextRotationAt: string | null } | null>(null);
  const page = `/credentials/${credential.id}`;
  if (given !== null) {
    return (
      <div className="flex max-w-2xl flex-col items-start gap-6">
        <Notice tone="good" live>
          {given.nextRotationAt === null
            ? words.noNext(credential.name)
            : fill(words.rotatesFirst, {
                credential: credential.name,
                at: <Moment at={given.nextRotationAt} />,
              })}
        </Notice>
        <TextLink href={page} className={buttonClass('primary')}>
          {words.back(credential.name)}
        </TextLink>
      </div>
    );
  }
  return (
    <SchemaForm
      send={(data) => assignPolicyAction(credential.id, String(data.get('policyId')), firstRunOf(data))}
      onDone={setGiven}
      submit={words.give}
      sending={common.saving}
      cancel={page}
      hasMarks={false}
    >
      <FormPart title={words.policy}>
        {policies.map((policy) => (
          <PolicyCard
            key={policy.id}
            policy={policy}
            isCurrent={policy.id === currentId}
            isOnly={policies.length === 1}
          />
        ))}
      </FormPart>
      <FormPart title={words.first} about={words.firstAbout}>
        <FirstRunChoice />
      </FormPart>
    </SchemaForm>
  );
}
