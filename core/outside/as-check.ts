import { ConnectorError } from '#connectors/contract.ts';

/** What a check found: all is well, or a sentence that names what is missing. */
export interface CheckResult {
  ok: boolean;
  message: string;
}

/** For checks that a person asked for: a connector's refusal is the answer, not a failure of the asking. */
export async function asCheck(good: string, ask: () => Promise<void>): Promise<CheckResult> {
  try {
    await ask();
    return { ok: true, message: good };
  } catch (error) {
    if (error instanceof ConnectorError) {
      return { ok: false, message: error.message };
    }
    throw error;
  }
}
