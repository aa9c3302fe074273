import { z } from 'zod';
import type { Change, Planning } from '#cli/apply/change.ts';
import type { PolicyThere } from '#cli/apply/server.ts';
import { linesBetween } from '#cli/apply/values.ts';
import type { PolicyWish } from '#cli/apply/wish.ts';

const blackouts = z.array(z.object({ from: z.string(), to: z.string(), reason: z.string() }));

const sameTime = (text: string) => new Date(text).toISOString();

/** A policy of the server as a file would say it. */
export function asWished(there: PolicyThere, names: ReadonlyMap<string, string>): Record<string, unknown> {
  return {
    ...there,
    blackouts: blackouts
      .parse(there.blackouts)
      .map(({ from, to, reason }) => ({ from: sameTime(from), to: sameTime(to), reason })),
    notifiers: there.notifierIds.map((id) => names.get(id) ?? id).toSorted(),
  };
}

function planOne({ source, server, faults }: Planning, name: string, wish: PolicyWish): Change[] {
  const path = ['policies', name];
  const { notifiers, ...rest } = wish;
  const unknown = notifiers.filter((one) => !server.notifiers.has(one));
  if (unknown.length > 0) {
    faults.push(`${source.at([...path, 'notifiers'])}: There is no notifier called ${unknown.join(', ')}.`);
    return [];
  }
  const body = { ...rest, name, notifierIds: notifiers.map((one) => server.notifiers.get(one)) };
  const there = server.policies.get(name);
  const nameOf = new Map([...server.notifiers].map(([one, id]) => [id, one]));
  const before = there === undefined ? {} : asWished(there, nameOf);
  const lines = linesBetween(Object.keys(wish), before, wish);
  const about = { what: 'policy', name, path, lines, values: [] } as const;
  if (there === undefined) {
    const send = () => ({ method: 'POST', path: '/policies', body }) as const;
    return [{ ...about, action: 'create', send, makes: 'policies' }];
  }
  if (lines.length === 0) return [];
  // On the ground of what was compared: one that is changed meanwhile is left alone.
  const headers = { 'if-match': there.etag };
  const send = () => ({ method: 'PUT', path: `/policies/${there.id}`, body, headers }) as const;
  return [{ ...about, action: 'change', send }];
}

/** Policies: all that they say is compared; what is left out of the file has its default. */
export const planPolicies = (planning: Planning): Change[] =>
  Object.entries(planning.source.wish.policies).flatMap(([name, wish]) => planOne(planning, name, wish));
