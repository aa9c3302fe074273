import { findActor } from '#app/_doors/current-actor.ts';
import { refuse, signedOut } from '#app/_doors/reply.ts';
import { exportRefusals } from '#app/_words/audit.ts';
import type { Actor } from '#core/access/actor.ts';
import { env } from '#lib/env.ts';
import { log } from '#lib/log.ts';
import { Problem } from '#lib/problem.ts';

/** The fields of a form of ours, and who sent it. A form of another page is refused: an export is told as the reader's own. */
export async function answerForm(
  request: Request,
  work: (actor: Actor, field: (name: string) => string | undefined) => Promise<Response>,
): Promise<Response> {
  const actor = await findActor();
  if (actor === null) {
    return signedOut();
  }
  if (request.headers.get('origin') !== env().REKEY_URL.origin) {
    return refuse(403, 'foreign_page', exportRefusals.foreignPage);
  }
  const form = await request.formData().catch(() => new FormData());
  const field = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  try {
    return await work(actor, field);
  } catch (error) {
    if (error instanceof Problem) {
      return refuse(error.status, error.code, error.message, error.fields);
    }
    log.error({ err: error }, 'an export failed');
    return refuse(500, 'internal', exportRefusals.failed);
  }
}

/** The moment in a file's name: 20261128-1130. */
export const stamp = () => new Date().toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-');
