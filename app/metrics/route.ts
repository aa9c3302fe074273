import { metricsText } from '#app/_doors/metrics-text.ts';
import { system } from '#core/access/actor.ts';
import { readMetrics } from '#core/rotation/read-metrics.ts';
import { env } from '#lib/env.ts';
import { Plaintext } from '#lib/plaintext.ts';

export const dynamic = 'force-dynamic';

/** Figures for Prometheus, for whoever has the token; nothing is here where no token is set. */
export async function GET(request: Request): Promise<Response> {
  const token = env().REKEY_METRICS_TOKEN;
  if (token === undefined) {
    return new Response('Not found\n', { status: 404 });
  }
  const given = /^bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
  if (!token.equals(new Plaintext(given))) {
    return new Response('It takes the token of REKEY_METRICS_TOKEN as a bearer token.\n', {
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
  return new Response(metricsText(await readMetrics(system('metrics'), {})), {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
  });
}
