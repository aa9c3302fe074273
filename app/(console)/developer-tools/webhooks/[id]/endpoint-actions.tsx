'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { common } from '#app/_words/common.ts';
import { endpointActions as words } from '#app/_words/webhooks.ts';
import { useAct } from '#app/(console)/developer-tools/use-act.ts';
import {
  removeEndpointAction,
  switchEndpointAction,
  tryEndpointAction,
} from '#app/(console)/developer-tools/webhooks/actions.ts';

interface Said {
  ok: boolean;
  message: string;
}

/** Sends a test, switches the endpoint on or off, and removes it. */
export function EndpointActions({ endpointId, enabled }: { endpointId: string; enabled: boolean }) {
  const router = useRouter();
  const { busy, error, act } = useAct();
  const [said, setSaid] = useState<Said | null>(null);
  const [sure, setSure] = useState(false);

  const tryNow = () =>
    act(async () => {
      const answer = await tryEndpointAction(endpointId);
      setSaid(answer.ok ? answer.value : null);
      return answer.ok ? { ok: true, value: undefined } : answer;
    });

  const change = () => {
    setSaid(null);
    return act(() => switchEndpointAction(endpointId, !enabled));
  };

  async function remove() {
    if (await act(() => removeEndpointAction(endpointId))) {
      router.push('/developer-tools/webhooks');
    }
  }

  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap gap-2">
        <Button disabled={busy} onClick={tryNow}>
          {words.test}
        </Button>
        <Button disabled={busy} onClick={change}>
          {enabled ? words.switchOff : words.switchOn}
        </Button>
        <Button
          look={sure ? 'danger' : 'plain'}
          disabled={busy}
          onClick={() => (sure ? remove() : setSure(true))}
          onBlur={() => setSure(false)}
        >
          {sure ? words.reallyRemove : common.remove}
        </Button>
      </div>
      {said !== null && error === null && (
        <Notice tone={said.ok ? 'good' : 'warn'} live>
          {said.message}
        </Notice>
      )}
      {error !== null && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
    </div>
  );
}
