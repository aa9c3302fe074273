import { z } from 'zod';
import { outside } from '#core/outside/guarded-http.ts';

/** What a consumer says about itself. Times are ISO 8601. */
const consumerState = z.object({
  name: z.string(),
  versionId: z.string().nullable(),
  requests: z.number(),
  failures: z.number(),
  lastError: z.string().nullable(),
  lastSuccessAt: z.string().nullable(),
  gaps: z.array(z.object({ from: z.string(), to: z.string().nullable(), failures: z.number() })),
  intervalMs: z.number(),
});

export type ConsumerState = z.output<typeof consumerState>;

/** Asks a consumer at its own address which version it uses. Null: it does not answer, or not in this form. */
export async function askConsumer(url: string): Promise<ConsumerState | null> {
  try {
    const { http } = outside();
    const answer = await http.withSignal(AbortSignal.timeout(2000)).request({ method: 'GET', url });
    return consumerState.parse(JSON.parse(answer.text));
  } catch {
    return null;
  }
}
