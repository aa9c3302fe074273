import type { NextRequest } from 'next/server';
import { z } from 'zod';
import { keySet as words } from '#app/_words/developer-tools.ts';
import { answerOnce } from '#app/(console)/developer-tools/answer-once.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { Problem } from '#lib/problem.ts';

const body = z.object({
  name: z.string(),
  role: z.string(),
  environments: z.array(z.string()).default([]),
  labels: z.array(z.string()).default([]),
  publicKeys: z.string().nullable(),
});

/** A key set as it was pasted. Core checks what is in it. */
function parseKeys(pasted: string): Parameters<typeof createApiClient>[1]['publicKeys'] {
  try {
    return JSON.parse(pasted);
  } catch {
    throw new Problem(400, 'bad_input', words.notJson, {}, { publicKeys: words.pasteOne });
  }
}

/** Makes an API client and shows its secret, this once. */
export function POST(request: NextRequest) {
  return answerOnce(request, body, async (actor, { publicKeys, ...wish }) => {
    const keys = publicKeys === null ? null : parseKeys(publicKeys);
    // The role is whatever the page sent; core refuses what is no role.
    const role = wish.role as Parameters<typeof createApiClient>[1]['role'];
    const { id, secret } = await createApiClient(actor, { ...wish, role, publicKeys: keys });
    return { clientId: id, clientSecret: secret?.expose() ?? null };
  });
}
