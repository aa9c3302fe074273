import type { Call } from '#connectors/contract.ts';
import { createGuard } from '#lib/guard.ts';
import { createHttp } from '#lib/http.ts';

const guard = createGuard({ allowHosts: ['127.0.0.1'] });
const http = createHttp({ guard, timeoutMs: 10_000 });

/** A connector call that reaches loopback only, with the real guard and client. */
export function callWith<Config, Place>(
  config: Config,
  place: Place,
  rest: Partial<Omit<Call<Config, Place>, 'config' | 'place'>> = {},
): Call<Config, Place> {
  return {
    config,
    place,
    placedId: null,
    versionId: 'version-1',
    http,
    resolve: guard.resolve,
    signal: new AbortController().signal,
    remember: async (_name, make) => (await make()).value,
    fileRoots: [],
    dataDir: '/nonexistent/rekey-data',
    ...rest,
  };
}
