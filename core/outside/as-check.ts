import { ConnectorError } from '#connectors/contract.ts';

/** What a check found: all is well, or a sentence that names what is missing. */
export interface CheckResult {
  ok: boolean;
  message: string;
}

/**
 * Asks, and takes a connector's refusal for an answer. `answers` is false where the other side did not answer or said to come
 * again; what it refuses for good, such as a client that was deleted there, says nothing of how it is.
 */
export async function askWhether(
  good: string,
  ask: () => Promise<void>,
): Promise<{ result: CheckResult; answers: boolean }> {
  try {
    await ask();
    return { result: { ok: true, message: good }, answers: true };
  } catch (error) {
    if (error instanceof ConnectorError) {
      return { result: { ok: false, message: error.message }, answers: error.retry === 'never' };
    }
    throw error;
  }
}

/** For checks that a person asked for: a connector's refusal is the answer, not a failure of the asking. */
export async function asCheck(good: string, ask: () => Promise<void>): Promise<CheckResult> {
  return (await askWhether(good, ask)).result;
}
