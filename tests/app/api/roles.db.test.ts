import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '#app/_doors/api/routes.ts';
import { type Role, roles } from '#core/access/actor.ts';
import { newId } from '#lib/new-id.ts';
import { ask, askRaw } from '#tests/app/api/ask.ts';

const callers = new Map<Role, string>();

beforeAll(() => {
  for (const role of roles) callers.set(role, newId());
});

afterAll(() => callers.clear());

const cases = routes.flatMap((route) =>
  roles.map((role) => [`${route.method} ${route.path}`, role, route] as const),
);

test.each(cases)('%s as %s: as the use case says who may', async (_name, role, route) => {
  const path = route.path.replaceAll(/\{\w+\}/g, newId());
  const caller = { id: callers.get(role) ?? '', role };
  const { status, body } = await ask(route.method, path, {
    caller,
    ...(route.method === 'GET' ? {} : { body: {} }),
    headers: route.stream === undefined ? {} : { accept: 'text/event-stream' },
  });
  if (route.rule.may.includes(role)) {
    expect(body.code).not.toBe('role_missing');
    expect(status).toBeLessThan(500);
  } else {
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'role_missing' });
  }
});

test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s without a token: 401, with the challenge, and nothing else is told',
  async (_name, route) => {
    const path = route.path.replaceAll(/\{\w+\}/g, newId());
    const answer = await askRaw(route.method, path, { caller: null });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="rekey"');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  },
);
