import type { Answer } from '#app/_doors/answer.ts';

/** How far one picked thing has come. */
export type Result = { state: 'sending' } | { state: 'done'; id: string; name: string } | Failed;
export type Failed = { state: 'failed'; answer: Extract<Answer<unknown>, { ok: false }> };
