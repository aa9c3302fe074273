'use client';

import type { FormEvent } from 'react';
import { Button } from '#app/_components/button.tsx';
import { ConfirmButton } from '#app/_components/confirm-button.tsx';
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

/** Takes the right to fetch away, once it was said what that ends. */
export function RemoveConsumer({
  bindingId,
  target,
  clientId,
  name,
}: {
  bindingId: string;
  target: string;
  clientId: string;
  name: string;
}) {
  return (
    <ConfirmButton
      label={removeConsumer.open}
      name={name}
      title={removeConsumer.title(name, target)}
      about={[removeConsumer.about(name, target), removeConsumer.again]}
      act={common.remove}
      acting={removeConsumer.removing}
      run={() => removeConsumerAction({ bindingId, clientId })}
    />
  );
}
