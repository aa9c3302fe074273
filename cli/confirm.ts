import { once } from 'node:events';
import readline from 'node:readline/promises';
import { Problem } from '#lib/problem.ts';

/**
 * Whether a person, who has seen what would be done, types the answer that does it. Where nobody can be asked, `--yes` has to
 * say it: throws a `Problem`.
 */
export async function isTyped(answer: string, question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Problem(400, 'usage', 'Nobody can be asked here: say --yes. Nothing was changed.');
  }
  const asking = readline.createInterface({ input: process.stdin, output: process.stderr });
  try {
    // The end of the input is no answer.
    const closed = once(asking, 'close').then(() => '');
    const typed = await Promise.race([asking.question(question), closed]);
    return typed.trim() === answer;
  } finally {
    asking.close();
  }
}
