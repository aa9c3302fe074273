'use client';

import type { FormEvent } from 'react';
import { Button } from '#app/_components/button.tsx';
import { InputFrame } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { common } from '#app/_words/common.ts';
import { allowConsumer, removeConsumer } from '#app/_words/credential.ts';
import { allowConsumerAction, removeConsumerAction } from '#app/(console)/credentials/[id]/actions.ts';
import { useAct } from '#app/(console)/developer-tools/use-act.ts';

/** Lets one more API client fetch for a binding. */
export function AllowConsumer({
  bindingId,
  clients,
}: {
  bindingId: string;
  clients: readonly { id: string; name: string }[];
}) {
  const { busy, error, act, stepUp } = useAct();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const clientId = String(new FormData(event.currentTarget).get('clientId'));
    act(() => allowConsumerAction({ bindingId, clientId }));
  }

  if (clients.length === 0) {
    return <p className="text-sm text-quiet">{allowConsumer.everyClientMay}</p>;
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <InputFrame
        name="clientId"
        label={allowConsumer.label}
        hint={allowConsumer.hint}
        className="[&_select]:max-w-80"
      >
        {(control) => (
          <select {...control}>
            {clients.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </InputFrame>
      {error !== null && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
      {stepUp}
      <Button type="submit" disabled={busy} className="self-start">
        {busy ? allowConsumer.allowing : allowConsumer.allow}
      </Button>
    </form>
  );
}

/** Takes the right to fetch away. */
export function RemoveConsumer({
  bindingId,
  clientId,
  name,
}: {
  bindingId: string;
  clientId: string;
  name: string;
}) {
  const { busy, error, act, stepUp } = useAct();
  return (
    <>
      <Button
        disabled={busy}
        aria-label={removeConsumer.label(name)}
        onClick={() => act(() => removeConsumerAction({ bindingId, clientId }))}
      >
        {busy ? removeConsumer.removing : common.remove}
      </Button>
      {error !== null && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
      {stepUp}
    </>
  );
}
