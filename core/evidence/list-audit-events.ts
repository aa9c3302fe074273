import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { type Cursor, cursorInput, cursorOf } from '#core/evidence/cursor.ts';
import { eventOf } from '#core/evidence/event.ts';
import { type Question, questionOf } from '#core/evidence/filter.ts';
import { findEvents } from '#core/evidence/find-events.ts';
import { formatTerm } from '#core/evidence/query.ts';

const PAGE = 50;
const LARGEST = 100;

const input = z.object({
  /** A question: see `core/evidence/query.ts`. Nothing asks for everything. */
  q: z.string().default(''),
  /** The events before this one, … */
  before: cursorInput.optional(),
  /** … or those after it. */
  after: cursorInput.optional(),
  limit: z.int().min(1).max(LARGEST).default(PAGE),
});

/** What an evidence bundle can be made of, where the question is about one rotation, or one credential and a time. */
function aboutOf({ filter, terms }: Question) {
  const only = (values: readonly string[] | null) => (values?.length === 1 ? values[0] : undefined);
  const [rotation, credential] = [only(filter.rotations), only(filter.credentials)];
  if (rotation !== undefined) {
    return { rotation };
  }
  const created = terms.find(({ qualifier }) => qualifier === 'created')?.value ?? null;
  return credential === undefined ? null : { credential, created };
}

const isStart = (cursor: Cursor) => cursor.id === '0';

/**
 * Audit events that fit a question, the newest first, a page at a time. Pages are found by key in both directions, so the
 * deepest is as fast as the first. A question that is not understood is refused; none is answered in part.
 */
export const listAuditEvents = read(
  {
    name: 'list-audit-events',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ actor, db }, { q, before, after, limit }) => {
    const question = await questionOf(db, actor, q);
    const { filter, terms, unknown, unknownEnvironments } = question;
    const page = { filter, limit: limit + 1 };
    const told = {
      parts: terms.map(formatTerm),
      unknown,
      unknownEnvironments,
      about: aboutOf(question),
      from: filter.from?.toISOString() ?? null,
      until: filter.until?.toISOString() ?? null,
    };
    if (after !== undefined) {
      const rows = await findEvents(db, { ...page, from: after, direction: 'newer' });
      if (rows.length > limit) {
        const items = rows.slice(0, limit).reverse().map(eventOf);
        const [newest] = items;
        const oldest = items.at(-1);
        return {
          ...told,
          items,
          newer: newest === undefined ? null : newest.cursor,
          older: isStart(after) || oldest === undefined ? null : oldest.cursor,
        };
      }
    }
    // What is newer than `after` fits on one page: that is the first page.
    const rows = await findEvents(db, { ...page, from: before ?? null, direction: 'older' });
    const items = rows.slice(0, limit).map(eventOf);
    return {
      ...told,
      items,
      newer: before === undefined ? null : (items[0]?.cursor ?? cursorOf(before)),
      older: rows.length > limit ? (items.at(-1)?.cursor ?? null) : null,
    };
  },
);

export type AuditRow = Awaited<ReturnType<typeof listAuditEvents>>['items'][number];
