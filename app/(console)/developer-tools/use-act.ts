'use client';

import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import type { Answer } from '#app/_doors/answer.ts';
import { toldMore } from '#app/(console)/developer-tools/ask-once.ts';

const unanswered = 'Rekey did not answer, so it is not known whether this was done. Reload the page to see.';

/** Does one change at a time, keeps why it was refused, and draws the page anew. */
export function useAct() {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const sent = useRef(false);

  /** Answers whether it was done. */
  async function act(call: () => Promise<Answer<void>>): Promise<boolean> {
    if (sent.current) {
      return false;
    }
    sent.current = true;
    setBusy(true);
    setError(null);
    const answer = await call().catch(() => null);
    sent.current = false;
    setBusy(false);
    setError(answer?.ok ? null : answer === null ? unanswered : toldMore(answer));
    router.refresh();
    return answer?.ok === true;
  }

  return { busy, error, act };
}
