'use client';

import { ExternalLink } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { TimeSince } from '#app/_components/time.tsx';
import type { Refusal } from '#app/_doors/reply.ts';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { common } from '#app/_words/common.ts';
import { pasteForm, awaitSecret as words } from '#app/_words/rotation-page.ts';
import { oldName } from '#app/_words/standing.ts';
import type { Role } from '#core/access/actor.ts';

/** Null: it was accepted. Else why not. */
async function sendSecret(rotationId: string, secret: string): Promise<string | null> {
  const answer = await fetch(`/rotations/${rotationId}/secret`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret }),
  });
  return answer.ok ? null : ((await answer.json()) as Refusal).message;
}

/** Takes one paste. The value is read from the input when it is sent and kept nowhere else. */
function PasteForm({ rotationId, targets }: { rotationId: string; targets: readonly string[] }) {
  const [state, setState] = useState<'idle' | 'sending' | 'accepted'>('idle');
  const [error, setError] = useState<string | null>(null);
  const sent = useRef(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (sent.current) {
      return;
    }
    const form = event.currentTarget;
    sent.current = true;
    setState('sending');
    setError(null);
    const problem = await sendSecret(rotationId, String(new FormData(form).get('secret'))).catch(
      () => common.noAnswerUnknown,
    );
    sent.current = false;
    setState(problem === null ? 'accepted' : 'idle');
    setError(problem);
    if (problem === null) {
      form.reset();
    }
  }

  if (state === 'accepted') {
    return (
      <Notice tone="good" live>
        {pasteForm.accepted}
      </Notice>
    );
  }
  return (
    // `post` also before the page's script has loaded: a value must never stand in an address.
    <form onSubmit={submit} method="post" className="flex flex-col gap-3">
      <Field
        label={pasteForm.label}
        name="secret"
        type="password"
        autoComplete="off"
        spellCheck={false}
        required
        readOnly={state === 'sending'}
        hint={pasteForm.hint(targets)}
      />
      {error !== null && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
      <Button type="submit" look="primary" disabled={state === 'sending'} className="self-start">
        {state === 'sending' ? pasteForm.trying : pasteForm.submit}
      </Button>
    </form>
  );
}

/** Whether the old secret still works, and so whether there is any hurry. */
function Urgency({ progress }: { progress: RotationProgress }) {
  const { gapStartedAt, predictedGapSeconds } = progress;
  if (gapStartedAt === null) {
    return (
      <Notice tone="info">
        <p className="font-semibold">{words.stillWorks}</p>
        <p className="mt-1">{words.fromThenOn(oldName(progress))}</p>
        <p className="mt-1">{words.noHurry}</p>
      </Notice>
    );
  }
  return (
    <Notice tone="bad">
      <p className="font-semibold">{words.replaced}</p>
      <p className="mt-1">
        {fill(words.gap, { time: <TimeSince since={gapStartedAt} />, seconds: predictedGapSeconds })}
      </p>
      <p className="mt-1">{words.lost}</p>
    </Notice>
  );
}

/** The task of an assisted rotation: whether there is any hurry, what to do on the vendor's page, and where to paste. */
export function AwaitSecret({
  progress,
  task,
  mayAct,
  takesRole,
}: {
  progress: RotationProgress;
  task: { link: string; steps: string[] };
  mayAct: boolean;
  takesRole: readonly Role[];
}) {
  return (
    <Panel title={mayAct ? words.title : words.titleOther}>
      <div className="flex flex-col gap-5">
        <Urgency progress={progress} />
        <div className="grid gap-6 lg:grid-cols-2">
          <div className="flex flex-col items-start gap-4">
            <ol className="flex list-decimal flex-col gap-1.5 pl-5 marker:text-quiet">
              {task.steps.map((step) => (
                <li key={step} className="pl-1 break-words">
                  {step}
                </li>
              ))}
            </ol>
            <a href={task.link} target="_blank" rel="noopener" className={buttonClass()}>
              {words.open}
              <ExternalLink aria-hidden className="size-4" />
              <span className="sr-only">{words.opensTab}</span>
            </a>
          </div>
          {mayAct ? (
            <PasteForm rotationId={progress.id} targets={progress.targets.map(({ name }) => name)} />
          ) : (
            <p className="text-quiet">{words.roleNeeded(takesRole)}</p>
          )}
        </div>
      </div>
    </Panel>
  );
}
