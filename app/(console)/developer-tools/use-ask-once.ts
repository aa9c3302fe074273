'use client';

import { type ReactNode, useRef, useState } from 'react';
import { postJson } from '#app/_components/post-json.ts';
import { useStepUp } from '#app/_components/step-up.tsx';
import type { Refusal } from '#app/_doors/reply.ts';
import { common } from '#app/_words/common.ts';
import type { ShownOnce } from '#app/(console)/developer-tools/answer-once.ts';

interface Asking {
  busy: boolean;
  refusal: Refusal | null;
  /** Posts a wish and answers what is shown once; null where it was refused, or is being asked already. */
  askOnce(wish: object): Promise<ShownOnce | null>;
  /** Asks who the person is, where the change takes it. */
  stepUp: ReactNode;
}

/**
 * Asks a route for a secret that is shown once, one wish at a time, and keeps why there is none. A wish is sent again only where it
 * was refused because the person had to say who they are, which changed nothing.
 */
export function useAskOnce(address: string): Asking {
  const { withStepUp, dialog } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const sent = useRef(false);

  async function askOnce(wish: object): Promise<ShownOnce | null> {
    if (sent.current) {
      return null;
    }
    sent.current = true;
    setBusy(true);
    const answer = await withStepUp(() => postJson<ShownOnce>(address, wish)).catch(() => null);
    sent.current = false;
    setBusy(false);
    if (answer?.ok === true) {
      setRefusal(null);
      return answer.value;
    }
    setRefusal(answer ?? { code: 'unanswered', message: common.noAnswerUnknown });
    return null;
  }

  return { busy, refusal, askOnce, stepUp: dialog };
}
