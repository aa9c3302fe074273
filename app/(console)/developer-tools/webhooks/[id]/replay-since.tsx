'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { replaySince as words } from '#app/_words/webhooks.ts';
import { useAct } from '#app/(console)/developer-tools/use-act.ts';
import { replayEventsAction } from '#app/(console)/developer-tools/webhooks/actions.ts';

/** Has everything since a time sent again. The time is of the reader's own zone. */
export function ReplaySince({ endpointId }: { endpointId: string }) {
  const { busy, error, act } = useAct();
  const [done, setDone] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const time = new Date(String(new FormData(event.currentTarget).get('since')));
    setDone(false);
    if (!Number.isNaN(time.getTime())) {
      setDone(await act(() => replayEventsAction(endpointId, time.toISOString())));
    }
  }

  return (
    <Panel title={words.title}>
      <form onSubmit={submit} method="post" className="flex flex-col gap-4">
        <p className="text-sm text-quiet">{words.about}</p>
        <div className="flex flex-wrap items-end gap-3">
          <Field
            label={words.since}
            name="since"
            type="datetime-local"
            required
            className="min-w-0 flex-1 basis-52 sm:max-w-xs"
          />
          <Button type="submit" disabled={busy}>
            {busy ? words.beginning : words.replay}
          </Button>
        </div>
        {error !== null && (
          <Notice tone="bad" live>
            {error}
          </Notice>
        )}
        <p role="status" className="text-sm text-quiet empty:hidden">
          {done && words.begun}
        </p>
      </form>
    </Panel>
  );
}
