'use client';

import { useRef, useState } from 'react';
import type { Answer } from '#app/_doors/answer.ts';

const unanswered =
  'Rekey did not answer, so it is not known whether this was done. The page shows where the rotation stands.';

/** There is no place to give the password again but the sign-in page. */
const toldMore = ({ code, message }: { code: string; message: string }) =>
  code === 'step_up_required'
    ? `${message} Sign out and in again, then do this within five minutes.`
    : message;

/** Sends one request at a time, however often it is clicked, and keeps the sentence of a refusal. */
export function useSend(): {
  busy: boolean;
  error: string | null;
  /** Answers whether it was done. */
  send(call: () => Promise<Answer<void>>): Promise<boolean>;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const sent = useRef(false);

  async function send(call: () => Promise<Answer<void>>): Promise<boolean> {
    if (sent.current) {
      return false;
    }
    sent.current = true;
    setBusy(true);
    setError(null);
    const answer = await call().catch(() => null);
    sent.current = false;
    setBusy(false);
    if (answer?.ok !== true) {
      setError(answer === null ? unanswered : toldMore(answer));
    }
    return answer?.ok === true;
  }

  return { busy, error, send };
}
