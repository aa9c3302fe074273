import type { Changed, Done, Route } from '#app/_doors/api/route.ts';
import type { Actor } from '#core/access/actor.ts';
import { freeKey, type KeyedRequest, keepAnswer, takeKey } from '#core/access/idempotency.ts';
import { log } from '#lib/log.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

/**
 * Whether a route honours an `Idempotency-Key`. The others are harmless to repeat, but for a test message, which is sent once more, and
 * a reveal, which is refused.
 */
export const takesKey = (route: Route) => route.again !== undefined;

interface Asking {
  route: Route;
  actor: Actor;
  request: Request;
  /** The body. */
  text: string;
}

/** The request under its key; null where it has none, or the route needs none. */
function keyed({ route, actor, request, text }: Asking): KeyedRequest | null {
  const key = request.headers.get('idempotency-key');
  if (key === null || !takesKey(route)) {
    return null;
  }
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const sentence = 'An Idempotency-Key has 1 to 255 visible ASCII characters. Nothing was changed.';
    throw new Problem(400, 'bad_key', sentence);
  }
  const { pathname } = new URL(request.url);
  const whole = new Plaintext(JSON.stringify(['idempotency', request.method, pathname, text]));
  return { actorId: `${actor.kind}:${actor.id}`, key, text: whole };
}

/** Answers whether it was kept. The change is made: an answer that says otherwise would be worse than a key that is not kept. */
async function keep(once: KeyedRequest, status: number, resource: string): Promise<boolean> {
  try {
    await keepAnswer(once, { status, resource });
    return true;
  } catch (error) {
    log.error({ err: error }, 'the answer to a request with an Idempotency-Key was not kept');
    return false;
  }
}

/**
 * Performs a request once under its `Idempotency-Key`. The same one again is answered the resource as it stands now: the
 * body that was answered first is not kept, so that nothing secret is shown twice. The key is free again only where nothing was
 * changed: once something is, the same request reads it and does nothing, also where the first one could not read it.
 */
export async function performOnce(
  asking: Asking,
  perform: (changed?: Changed) => Promise<Done>,
): Promise<Done> {
  const once = keyed(asking);
  const { route, actor } = asking;
  if (once === null || route.again === undefined) {
    return perform();
  }
  const before = await takeKey(once);
  if (before !== null) {
    const done = await route.again(actor, before.resource);
    return { ...done, headers: { ...done.headers, 'idempotent-replayed': 'true' } };
  }
  const made: { resource?: string; isKept?: boolean } = {};
  try {
    return await perform(async (resource) => {
      made.resource = resource;
      made.isKept = await keep(once, route.status, resource);
    });
  } catch (error) {
    if (made.resource === undefined) {
      await freeKey(once);
    }
    throw error;
  } finally {
    if (made.resource !== undefined && !made.isKept) {
      await keep(once, route.status, made.resource);
    }
  }
}
