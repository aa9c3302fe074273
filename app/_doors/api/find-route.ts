import { HttpProblem } from '#app/_doors/api/problem.ts';
import type { Route } from '#app/_doors/api/route.ts';

/** The parameters of a path that has the form of `template`; null for another path. */
function match(template: string, path: string): Record<string, string> | null {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) {
    return null;
  }
  const params: Record<string, string> = {};
  for (const [n, part] of wanted.entries()) {
    const value = given[n] ?? '';
    if (part.startsWith('{') && value !== '') {
      params[part.slice(1, -1)] = value;
    } else if (part !== value) {
      return null;
    }
  }
  return params;
}

/** The route that a method and a path mean. Throws a problem: 404, or 405 with what is allowed. */
export function findRoute(routes: readonly Route[], method: string, path: string) {
  const found = routes.flatMap((route) => {
    const params = match(route.path, path);
    return params === null ? [] : [{ route, params }];
  });
  const wanted = method === 'HEAD' ? 'GET' : method;
  const one = found.find(({ route }) => route.method === wanted);
  if (one !== undefined) {
    return one;
  }
  if (found.length === 0) {
    const sentence = 'There is nothing at this address. /api/v1/openapi.json lists what there is.';
    throw new HttpProblem(404, 'no_route', sentence);
  }
  const allow = found.flatMap(({ route }) => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]));
  const sentence = `${method} is not possible here, but ${allow.join(', ')} ${allow.length === 1 ? 'is' : 'are'}. Nothing was changed.`;
  throw new HttpProblem(405, 'method_not_allowed', sentence, { allow: allow.join(', ') });
}
