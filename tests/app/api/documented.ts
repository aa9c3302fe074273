import { findRoute } from '#app/_doors/api/find-route.ts';
import { drawDocument } from '#app/_doors/api/openapi.ts';
import type { Route } from '#app/_doors/api/route.ts';
import { routes } from '#app/_doors/api/routes.ts';

const document = drawDocument(routes, 'http://localhost:3000');

/** The route of a request; null where it means none, as HEAD does, of which the document says nothing. */
function routeOf({ method, url }: Request): Route | null {
  try {
    const path = new URL(url).pathname.replace(/^\/api\/v1/, '');
    return method === 'HEAD' ? null : findRoute(routes, method, path).route;
  } catch {
    return null;
  }
}

/** Throws where an operation has answered a status that the document does not name for it. */
export function requireDocumented(request: Request, status: number): void {
  const route = routeOf(request);
  const named = route === null ? null : document.paths[route.path]?.[route.method.toLowerCase()]?.responses;
  if (named !== null && named?.[status] === undefined) {
    throw new Error(
      `${request.method} ${route?.path} answered ${status}, which the document does not name there.`,
    );
  }
}
