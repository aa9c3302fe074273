import { notFound } from 'next/navigation';
import { Problem } from '#lib/problem.ts';

/**
 * Asks core for what a page shows. What does not exist, or has no valid id, becomes the page "not found"; any other
 * refusal, also of what was archived, is answered as its sentence, for the page to show. Other errors go to the error page.
 */
export async function ask<T>(
  call: () => Promise<T>,
): Promise<{ ok: true; value: T } | { ok: false; message: string }> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    if (!(error instanceof Problem)) {
      throw error;
    }
    const isGone = error.status === 404 && error.code !== 'archived';
    if (isGone || error.code === 'bad_input') {
      notFound();
    }
    return { ok: false, message: error.message };
  }
}
