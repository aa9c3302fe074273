import { env } from '#lib/env.ts';
import { createGuard, type Guard } from '#lib/guard.ts';
import { createHttp, type HttpClient } from '#lib/http.ts';

const shared = globalThis as typeof globalThis & { rekeyOutside?: { guard: Guard; http: HttpClient } };

/** This process's guard and its one pool of connections to the outside. */
export function outside(): { guard: Guard; http: HttpClient } {
  if (shared.rekeyOutside === undefined) {
    const guard = createGuard({ allowHosts: env().REKEY_ALLOW_HOSTS });
    shared.rekeyOutside = { guard, http: createHttp({ guard }) };
  }
  return shared.rekeyOutside;
}
