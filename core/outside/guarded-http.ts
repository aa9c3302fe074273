import { createHash } from 'node:crypto';
import type { Tls } from '#connectors/tls.ts';
import { env } from '#lib/env.ts';
import { createGuard, type Guard } from '#lib/guard.ts';
import { createHttp, type HttpClient } from '#lib/http.ts';

interface Outside {
  guard: Guard;
  http: HttpClient;
  /** Clients with TLS settings of their own, by a digest of these. */
  withTls: Map<string, HttpClient>;
}

const shared = globalThis as typeof globalThis & { rekeyOutside?: Outside };

/** This process's guard and its pool of connections to the outside. */
export function outside(): Outside {
  if (shared.rekeyOutside === undefined) {
    const guard = createGuard({ allowHosts: env().REKEY_ALLOW_HOSTS });
    shared.rekeyOutside = { guard, http: createHttp({ guard }), withTls: new Map() };
  }
  return shared.rekeyOutside;
}

/** The client for a system with TLS settings of its own; the shared one where it has none. */
export function httpWith(tls: Tls | null): HttpClient {
  const { guard, http, withTls } = outside();
  if (tls === null) {
    return http;
  }
  const key = tls.key?.expose();
  const { ca, cert } = tls;
  const name = createHash('sha256')
    .update(JSON.stringify([ca, cert, key]))
    .digest('base64');
  const known = withTls.get(name);
  if (known !== undefined) {
    return known;
  }
  const made = createHttp({
    guard,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  withTls.set(name, made);
  return made;
}
