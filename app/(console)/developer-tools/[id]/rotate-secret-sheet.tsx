'use client';

import { Dialog } from '@base-ui/react/dialog';
import { type FormEvent, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { useNow } from '#app/_components/clock.ts';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { overlapEnd, overlapOptions } from '#app/_components/overlap-options.ts';
import { SideSheet } from '#app/_components/side-sheet.tsx';
import { common } from '#app/_words/common.ts';
import { rotateSecretSheet as words } from '#app/_words/developer-tools.ts';
import { Card } from '#app/(console)/credentials/[id]/overlap-choice.tsx';
import type { ShownOnce } from '#app/(console)/developer-tools/answer-once.ts';
import { ShownOncePanel } from '#app/(console)/developer-tools/shown-once.tsx';
import { useAskOnce } from '#app/(console)/developer-tools/use-ask-once.ts';

type Overlap = '1h' | '24h' | '7d' | 'now';

const lengths = overlapOptions.filter(({ id }) => id !== '3d');

function OverlapChoice({ overlap, choose }: { overlap: Overlap; choose(overlap: Overlap): void }) {
  const now = useNow() ?? Date.now();
  return (
    <fieldset>
      <legend className="font-semibold">{words.overlap}</legend>
      <p className="mt-0.5 mb-2.5 text-sm text-quiet">{words.overlapAbout}</p>
      <div className="flex flex-col gap-2">
        {lengths.map(({ id, label, seconds }) => (
          <Card
            key={id}
            label={label}
            end={words.until(overlapEnd(now, seconds))}
            chosen={overlap === id}
            choose={() => choose(id as Overlap)}
          />
        ))}
        <Card
          label={words.none}
          end={words.noneWhen}
          chosen={overlap === 'now'}
          choose={() => choose('now')}
        />
      </div>
    </fieldset>
  );
}

function AtOnce({ name, error }: { name: string; error: string | undefined }) {
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="warn">{words.atOnce}</Notice>
      <Field label={words.typeName(name)} name="typedName" required autoComplete="off" error={error} />
    </div>
  );
}

function RotateForm({
  clientId,
  name,
  done,
}: {
  clientId: string;
  name: string;
  done(shown: ShownOnce): void;
}) {
  const [overlap, setOverlap] = useState<Overlap>('24h');
  const { busy, refusal, askOnce, stepUp } = useAskOnce(`/developer-tools/${clientId}/secret`);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typedName = String(new FormData(event.currentTarget).get('typedName') ?? '');
    const shown = await askOnce({ overlap, typedName });
    if (shown !== null) {
      done(shown);
    }
  }

  return (
    <>
      <form onSubmit={submit} method="post" className="flex min-h-0 flex-1 flex-col">
        <div className="flex flex-1 flex-col gap-6 overflow-y-auto overscroll-contain px-5 py-5">
          <p>{words.about}</p>
          <OverlapChoice overlap={overlap} choose={setOverlap} />
          {overlap === 'now' && <AtOnce name={name} error={refusal?.fields?.typedName} />}
          {refusal !== null && (
            <Notice tone="bad" live>
              {refusal.message}
            </Notice>
          )}
        </div>
        <div className="flex justify-end gap-2 border-line border-t px-5 py-4">
          <Dialog.Close className={buttonClass()}>{common.cancel}</Dialog.Close>
          <Button type="submit" look={overlap === 'now' ? 'danger' : 'primary'} disabled={busy}>
            {busy ? words.rotating : overlap === 'now' ? words.rotateAtOnce : words.rotate}
          </Button>
        </div>
      </form>
      {stepUp}
    </>
  );
}

/** Shows the new secret in the place of the form. What closes the dialog forgets it, so a click beside it does not. */
function Rotated({ shown }: { shown: ShownOnce }) {
  return (
    <>
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto px-5 py-5">
        <ShownOncePanel shown={shown} />
      </div>
      <div className="flex justify-end border-line border-t px-5 py-4">
        <Dialog.Close className={buttonClass('primary')}>{words.copied}</Dialog.Close>
      </div>
    </>
  );
}

export interface SheetProps {
  clientId: string;
  name: string;
  open: boolean;
  change(open: boolean): void;
}

/** Rotates the secret of an API client: a side sheet, on phones the whole screen. */
export function RotateSecretSheet({ clientId, name, open, change }: SheetProps) {
  const [shown, setShown] = useState<ShownOnce | null>(null);

  function turn(opens: boolean) {
    setShown(null);
    change(opens);
  }

  return (
    <SideSheet
      title={shown === null ? words.title(name) : words.titleRotated(name)}
      open={open}
      change={turn}
      keeps={shown !== null}
    >
      {shown === null ? (
        <RotateForm clientId={clientId} name={name} done={setShown} />
      ) : (
        <Rotated shown={shown} />
      )}
    </SideSheet>
  );
}
