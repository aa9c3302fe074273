'use client';

import type { Answer } from '#app/_doors/answer.ts';
import type { Refusal } from '#app/_doors/reply.ts';

/** Asks a route of ours, and makes its reply an answer. Throws where Rekey does not answer. */
export async function postJson<T>(path: string, body: unknown): Promise<Answer<T>> {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const said: unknown = await answer.json();
  return answer.ok ? { ok: true, value: said as T } : { ok: false, ...(said as Refusal) };
}
