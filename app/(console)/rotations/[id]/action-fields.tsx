'use client';

import type { ReactNode } from 'react';
import { useNow } from '#app/_components/clock.ts';
import { Field } from '#app/_components/field.tsx';
import { fill } from '#app/_components/fill.tsx';
import { textOf } from '#app/_components/form-values.ts';
import { Moment } from '#app/_components/time.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { actionFields as words } from '#app/_words/action-dialog.ts';
import { type Asked, extendedEnd, extensions, secondPerson, vouchable } from '#app/_words/actions.ts';
import { common } from '#app/_words/common.ts';
import {
  abandonAction,
  breakGlassAction,
  cancelAction,
  confirmAction,
  extendAction,
  holdAction,
  revokeNowAction,
  rollBackAction,
} from '#app/(console)/rotations/[id]/actions.ts';

/** Sends what was entered into the fields of an action. */
export function sendAction(action: Asked, rotationId: string, data: FormData): Promise<Answer<void>> {
  const reason = textOf(data, 'reason');
  switch (action) {
    case 'roll_back':
      return rollBackAction(rotationId, reason);
    case 'cancel':
      return cancelAction(rotationId, reason);
    case 'hold':
      return holdAction(rotationId, reason);
    case 'confirm':
      return confirmAction(rotationId, textOf(data, 'target') ?? '', reason ?? '');
    case 'extend':
      return extendAction(rotationId, textOf(data, 'until') ?? '');
    case 'revoke_now':
      return revokeNowAction(rotationId, reason);
    case 'abandon':
      return abandonAction(rotationId, reason ?? '');
    case 'break_glass':
      return breakGlassAction(rotationId, reason ?? '', textOf(data, 'name'));
  }
}

function Choice({
  name,
  value,
  label,
  aside,
  chosen,
}: {
  name: string;
  value: string;
  label: string;
  aside?: ReactNode;
  chosen: boolean;
}) {
  return (
    <label className="flex min-h-11 cursor-pointer items-center gap-3 rounded-md border border-line px-3 py-2 hover:bg-raised has-checked:border-accent has-checked:bg-raised has-checked:ring-1 has-checked:ring-accent">
      <input
        type="radio"
        name={name}
        value={value}
        defaultChecked={chosen}
        required
        className="size-4 shrink-0 accent-accent"
      />
      <span className="flex min-w-0 flex-1 flex-wrap items-baseline justify-between gap-x-3">
        <span className="min-w-0 font-semibold break-words">{label}</span>
        {aside !== undefined && <span className="text-sm text-quiet">{aside}</span>}
      </span>
    </label>
  );
}

function ExtendFields({ overlapEndsAt }: { overlapEndsAt: string | null }) {
  const now = useNow(60_000) ?? 0;
  if (overlapEndsAt === null) {
    return null;
  }
  return (
    <fieldset>
      <legend className="font-semibold">{words.howLong}</legend>
      <p className="mt-0.5 mb-2.5 text-sm text-quiet">
        {fill(words.endSoFar, { end: <Moment at={overlapEndsAt} /> })}
      </p>
      <div className="flex flex-col gap-2">
        {extensions.map(({ id, label, seconds }) => {
          const until = extendedEnd(overlapEndsAt, seconds, now);
          return (
            <Choice
              key={id}
              name="until"
              value={until}
              label={label}
              aside={<Moment at={until} />}
              chosen={id === '1h'}
            />
          );
        })}
      </div>
    </fieldset>
  );
}

/** A single target is chosen already; of several, the person says which. */
function ConfirmFields({ targets }: { targets: RotationProgress['targets'] }) {
  return (
    <fieldset>
      <legend className="mb-2 font-semibold">{words.whichTarget}</legend>
      <div className="flex flex-col gap-2">
        {targets.map(({ bindingId, name, required }) => (
          <Choice
            key={bindingId}
            name="target"
            value={bindingId}
            label={name}
            aside={required ? words.required : words.bestEffort}
            chosen={targets.length === 1}
          />
        ))}
      </div>
    </fieldset>
  );
}

function Reason({ required }: { required: boolean }) {
  return (
    <Field
      label={required ? common.reason : words.reasonOptional}
      name="reason"
      required={required}
      maxLength={500}
      autoComplete="off"
      hint={words.reasonHint}
    />
  );
}

/** What an action needs to be told. `onReady` hears whether the credential's name is typed, where that is asked. */
export function ActionFields({
  action,
  progress,
  onReady,
}: {
  action: Asked;
  progress: RotationProgress;
  onReady(ready: boolean): void;
}) {
  switch (action) {
    case 'extend':
      return <ExtendFields overlapEndsAt={progress.overlapEndsAt} />;
    case 'confirm':
      return (
        <>
          <ConfirmFields targets={vouchable(progress)} />
          <Reason required />
        </>
      );
    case 'abandon':
      return <Reason required />;
    case 'break_glass':
      return (
        <>
          <p>{secondPerson(progress.breaksGlassAlone)}</p>
          <Reason required />
          {progress.breaksGlassAlone && (
            <Field
              label={words.typeName(progress.credential)}
              name="name"
              required
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => onReady(event.currentTarget.value.trim() === progress.credential)}
            />
          )}
        </>
      );
    default:
      return <Reason required={false} />;
  }
}
