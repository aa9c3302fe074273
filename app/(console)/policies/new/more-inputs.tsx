'use client';

import { useContext } from 'react';
import { FieldErrors, InputFrame, TickBox } from '#app/_components/input-frame.tsx';
import { moreInputs as words } from '#app/_words/policies.ts';
import { lengthWords } from '#app/_words/rhythm.ts';
import { levelWord } from '#app/_words/rotation.ts';
import type { PolicyRow } from '#core/policies/list-policies.ts';

export type More = Pick<PolicyRow, 'needs' | 'retryAttempts' | 'retrySeconds' | 'notifierIds'>;

/** A notifier to choose. */
export interface Choice {
  id: string;
  name: string;
}

const levels = ['accepted', 'read_back', 'redeployed', 'adopted'] as const;
const attempts = [8, 7, 6, 5, 4, 3, 2, 1];
const times = [3600, 1800, 900, 300, 60];

/** What a new policy says. */
export const usualMore: More = { needs: null, retryAttempts: 8, retrySeconds: 3600, notifierIds: [] };

/** What the inputs say. */
export function moreOf(data: FormData): More {
  return {
    needs: levels.find((level) => level === data.get('needs')) ?? null,
    retryAttempts: Number(data.get('retryAttempts')),
    retrySeconds: Number(data.get('retrySeconds')),
    notifierIds: data.getAll('notifierIds').map(String),
  };
}

function RetryInputs({ more }: { more: More }) {
  // A program may have set a time that is not offered here.
  const offered = [...new Set([...times, more.retrySeconds])].sort((a, b) => b - a);
  return (
    <>
      <InputFrame name="retryAttempts" label={words.attempts} hint={words.attemptsHint}>
        {(control) => (
          <select {...control} defaultValue={String(more.retryAttempts)}>
            {attempts.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
      </InputFrame>
      <InputFrame name="retrySeconds" label={words.time} hint={words.timeHint}>
        {(control) => (
          <select {...control} defaultValue={String(more.retrySeconds)}>
            {offered.map((one) => (
              <option key={one} value={one}>
                {lengthWords(one)}
              </option>
            ))}
          </select>
        )}
      </InputFrame>
    </>
  );
}

/** How far deliveries are confirmed, how long failures are tried again, and who is told: what few policies change. */
export function MoreInputs({ more, notifiers }: { more: More; notifiers: readonly Choice[] }) {
  const errors = useContext(FieldErrors);
  const atFault = ['needs', 'retryAttempts', 'retrySeconds', 'notifierIds'].some((name) => name in errors);
  return (
    <details
      open={atFault || undefined}
      className="rounded-lg border border-line bg-surface p-4 shadow-xs sm:p-5"
    >
      <summary className="min-h-6 cursor-pointer font-semibold pointer-coarse:min-h-11">
        {words.title}
      </summary>
      <div className="mt-4 flex flex-col gap-4">
        <InputFrame name="needs" label={words.needs} hint={words.needsHint}>
          {(control) => (
            <select {...control} defaultValue={more.needs ?? ''}>
              <option value="">{words.asTargetsAsk}</option>
              {levels.slice(1).map((level) => (
                <option key={level} value={level}>
                  {levelWord(level)}
                </option>
              ))}
            </select>
          )}
        </InputFrame>
        <RetryInputs more={more} />
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-sm font-medium">{words.told}</legend>
          <p className="text-sm text-quiet">{notifiers.length === 0 ? words.noNotifiers : words.toldHint}</p>
          {notifiers.map(({ id, name }) => (
            <TickBox
              key={id}
              name="notifierIds"
              value={id}
              label={name}
              defaultChecked={more.notifierIds.includes(id)}
            />
          ))}
          {errors.notifierIds !== undefined && <p className="text-sm text-bad">{errors.notifierIds}</p>}
        </fieldset>
      </div>
    </details>
  );
}
