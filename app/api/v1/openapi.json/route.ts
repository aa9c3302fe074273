import { drawDocument } from '#app/_doors/api/openapi.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { env } from '#lib/env.ts';

/** The OpenAPI document. It tells nothing of this installation but its address, so it is open. */
export function GET(): Response {
  return Response.json(drawDocument(routes, env().REKEY_URL.origin), {
    headers: { 'cache-control': 'no-cache' },
  });
}
