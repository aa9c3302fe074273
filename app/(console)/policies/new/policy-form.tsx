'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { textOf } from '#app/_components/form-values.ts';
import { InputFrame, TextInput } from '#app/_components/input-frame.tsx';
import { LengthInput, secondsOf } from '#app/_components/length-input.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { policyForm as words } from '#app/_words/policies.ts';
import { changePolicyAction, createPolicyAction } from '#app/(console)/policies/actions.ts';
import { Changes, type Draft } from '#app/(console)/policies/new/changes.tsx';
import { CronInputs, fillInZone } from '#app/(console)/policies/new/cron-inputs.tsx';
import { LimitsInputs, limitsOf } from '#app/(console)/policies/new/limits-inputs.tsx';
import { type Choice, MoreInputs, moreOf, usualMore } from '#app/(console)/policies/new/more-inputs.tsx';
import { FIRST_DAY, RulesInputs, rulesOf } from '#app/(console)/policies/new/rules-inputs.tsx';
import { SlotPreview } from '#app/(console)/policies/new/slot-preview.tsx';
import type { PolicyRow } from '#core/policies/list-policies.ts';
import type { Rhythm } from '#core/schedule/next-slot.ts';

type Form = 'interval' | 'cron';

/** What a new policy says before anybody has typed. */
const usual: Omit<PolicyRow, 'id' | 'credentials' | 'enabled'> = {
  name: '',
  intervalSeconds: 30 * 86_400,
  cron: null,
  timeZone: 'UTC',
  graceSeconds: 86_400,
  graceAfterUseSeconds: null,
  approvals: 0,
  rules: { window: null, blackouts: [], jitterSeconds: 0 },
  minSpacingSeconds: 0,
  maxAgeSeconds: null,
  ageBringsForward: false,
  renewBeforeSeconds: null,
  ...usualMore,
};

const save = (
  policyId: string | null,
  wish: Parameters<typeof createPolicyAction>[0],
): Promise<Answer<unknown>> =>
  policyId === null ? createPolicyAction(wish) : changePolicyAction(policyId, wish);

/** The input of a field that has no input of its own name. */
function inputOf(field: string): string {
  if (field.startsWith('rules.blackouts')) {
    return 'rules.blackouts';
  }
  return field === 'rules.window.days' ? FIRST_DAY : field;
}

/** An answer with its faults at the inputs that are there. */
function atInputs<T>(answer: Answer<T>): Answer<T> {
  if (answer.ok || answer.fields === undefined) {
    return answer;
  }
  const fields = Object.entries(answer.fields).map(([field, sentence]) => [inputOf(field), sentence]);
  return { ...answer, fields: Object.fromEntries(fields) };
}

/** What the inputs say now, also while they are incomplete. */
function rhythmOf(form: Form, data: FormData): Rhythm {
  if (form === 'cron') {
    return { cron: textOf(data, 'rhythm.cron') ?? '', timeZone: textOf(data, 'rhythm.timeZone') ?? '' };
  }
  return { intervalSeconds: secondsOf(data, 'rhythm.intervalSeconds') };
}

/** The rhythm of a policy's row. */
const slotsOf = ({ intervalSeconds, cron, timeZone }: typeof usual): Rhythm =>
  intervalSeconds === null ? { cron: cron ?? '', timeZone } : { intervalSeconds };

/** What the form says now. */
const draftOf = (form: Form, data: FormData): Draft => ({
  name: textOf(data, 'name') ?? '',
  rhythm: rhythmOf(form, data),
  graceSeconds: secondsOf(data, 'graceSeconds'),
  graceAfterUseSeconds: secondsOf(data, 'graceAfterUseSeconds') || null,
  rules: rulesOf(data),
  approvals: Number(data.get('approvals') ?? 0),
  ...limitsOf(data),
  ...moreOf(data),
});

interface FormChoiceProps {
  value: Form;
  now: Form;
  onChoose: (form: Form) => void;
  children: ReactNode;
}

/** One of the two ways to say when. */
function FormChoice({ value, now, onChoose, children }: FormChoiceProps) {
  return (
    <label className="flex min-h-9 items-center gap-2.5 text-sm font-medium pointer-coarse:min-h-11">
      <input
        type="radio"
        name="form"
        value={value}
        checked={now === value}
        onChange={() => onChoose(value)}
        className="size-5 shrink-0 accent-accent pointer-coarse:size-6"
      />
      {children}
    </label>
  );
}

interface Props {
  timeZones: readonly string[];
  notifiers: readonly Choice[];
  policy?: PolicyRow;
}

/** When credentials rotate and how long their old version is kept, with the slots that follow from it. */
export function PolicyForm({ timeZones, notifiers, policy }: Props) {
  const initial = policy ?? usual;
  const router = useRouter();
  const [form, setForm] = useState<Form>(initial.cron === null ? 'interval' : 'cron');
  const saved: Draft = { ...initial, rhythm: slotsOf(initial) };
  const [draft, setDraft] = useState<Draft>(saved);
  const inputs = useRef<HTMLFieldSetElement>(null);
  const read = (element: HTMLFormElement) => setDraft(draftOf(form, new FormData(element)));
  // The inputs of the form that was just chosen count only once they are drawn.
  useEffect(() => {
    const element = inputs.current?.form;
    if (element) {
      fillInZone(element, timeZones);
      setDraft(draftOf(form, new FormData(element)));
    }
  }, [form, timeZones]);
  return (
    <SchemaForm
      send={async (data) => atInputs(await save(policy?.id ?? null, draftOf(form, data)))}
      onChange={read}
      onDone={() => router.push('/policies')}
      submit={policy === undefined ? words.add : words.saveForAll}
      sending={policy === undefined ? common.adding : common.saving}
      cancel="/policies"
    >
      <FormPart title={words.title}>
        <TextInput
          name="name"
          label={common.name}
          hint={words.nameHint}
          required
          maxLength={100}
          defaultValue={initial.name}
        />
      </FormPart>
      <FormPart title={words.rhythm}>
        <div className="flex flex-wrap gap-x-6">
          <FormChoice value="interval" now={form} onChoose={setForm}>
            {words.interval}
          </FormChoice>
          <FormChoice value="cron" now={form} onChoose={setForm}>
            {words.cron}
          </FormChoice>
        </div>
        <fieldset ref={inputs} disabled={form !== 'interval'} hidden={form !== 'interval'}>
          <LengthInput
            name="rhythm.intervalSeconds"
            label={words.every}
            seconds={initial.intervalSeconds ?? 30 * 86_400}
            unit="days"
            min={1}
          />
        </fieldset>
        <fieldset disabled={form !== 'cron'} hidden={form !== 'cron'}>
          <CronInputs
            timeZones={timeZones}
            cron={initial.cron ?? ''}
            timeZone={initial.cron === null ? '' : initial.timeZone}
          />
        </fieldset>
      </FormPart>
      <FormPart title={words.rules} about={words.rulesAbout}>
        <RulesInputs
          rules={initial.rules}
          onFold={() =>
            // The inputs that appear or go count only once they are drawn.
            requestAnimationFrame(() => inputs.current?.form && read(inputs.current.form))
          }
        />
        <SlotPreview rhythm={draft.rhythm} rules={draft.rules} />
      </FormPart>
      <FormPart title={words.limits} about={words.limitsAbout}>
        <LimitsInputs limits={initial} />
      </FormPart>
      <FormPart title={words.approval} about={words.approvalAbout}>
        <InputFrame name="approvals" label={words.approvals}>
          {(control) => (
            <select {...control} defaultValue={String(initial.approvals)}>
              {words.approvalChoices.map((said, wanted) => (
                <option key={said} value={wanted}>
                  {said}
                </option>
              ))}
            </select>
          )}
        </InputFrame>
      </FormPart>
      <FormPart title={words.grace} about={words.graceAbout}>
        <LengthInput
          name="graceSeconds"
          label={words.gracePeriod}
          seconds={initial.graceSeconds}
          unit="days"
          min={0}
        />
        <LengthInput
          name="graceAfterUseSeconds"
          label={words.graceAfterUse}
          hint={words.graceAfterUseHint}
          seconds={initial.graceAfterUseSeconds ?? 0}
          unit="hours"
          min={0}
        />
      </FormPart>
      <MoreInputs more={initial} notifiers={notifiers} />
      {policy !== undefined && (
        <Changes from={saved} to={draft} notifiers={notifiers} credentials={policy.credentials} />
      )}
    </SchemaForm>
  );
}
