'use client';

import type { Refusal } from '#app/_doors/reply.ts';
import { asking as words } from '#app/_words/developer-tools.ts';
import type { ShownOnce } from '#app/(console)/developer-tools/answer-once.ts';

export type Asked = { ok: true; shown: ShownOnce } | ({ ok: false } & Refusal);

const unanswered: Asked = {
  ok: false,
  code: 'unanswered',
  message: words.unanswered,
};

/** There is no place to give the password again but the sign-in page. */
export const toldMore = ({ code, message }: { code: string; message: string }) =>
  code === 'step_up_required' ? `${message} ${words.signInAgain}` : message;

/** Posts a wish and answers the secret that is shown once, or why there is none. */
export async function askOnce(address: string, wish: object): Promise<Asked> {
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
    const body = await answer.json();
    return answer.ok ? { ok: true, shown: body as ShownOnce } : { ok: false, ...(body as Refusal) };
  } catch {
    return unanswered;
  }
}
