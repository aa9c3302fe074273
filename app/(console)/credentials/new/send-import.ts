'use client';

import type { Answer } from '#app/_doors/answer.ts';
import type { Refusal } from '#app/_doors/reply.ts';
import type { importCredential } from '#core/credentials/import-credential.ts';

export type ImportWish = Parameters<typeof importCredential>[1];

/** Sends one wish, whose secret is kept nowhere else. Throws where Rekey does not answer. */
export async function sendImport(wish: ImportWish): Promise<Answer<{ id: string }>> {
  const answer = await fetch('/credentials/new/import', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(wish),
  });
  const body: unknown = await answer.json();
  return answer.ok ? { ok: true, value: body as { id: string } } : { ok: false, ...(body as Refusal) };
}
