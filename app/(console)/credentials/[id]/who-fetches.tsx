'use client';

import type { FormEvent } from 'react';
import { Button } from '#app/_components/button.tsx';
import { InputFrame } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
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
    return (
      <p className="text-sm text-quiet">
        Every API client may fetch here. Make another one in Developer tools.
      </p>
    );
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <InputFrame
        name="clientId"
        label="Let an API client fetch"
        hint="It gets the values of this binding and nothing else by that. Rotations wait for it from then on."
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
        {busy ? 'Allowing…' : 'Allow'}
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
        aria-label={`Let ${name} fetch no more`}
        onClick={() => act(() => removeConsumerAction({ bindingId, clientId }))}
      >
        {busy ? 'Removing…' : 'Remove'}
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
