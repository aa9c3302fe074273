import { findDueRotations } from '#core/rotation/find-due-rotations.ts';
import { startDueRotations } from '#core/rotation/start-due-rotation.ts';
import { countRings, ringAll } from '#lib/queue.ts';

/** So many at a time: enough that a question to the database costs little each, and not so many that others wait. */
const AT_ONCE = 500;

/**
 * Rings for rotations that are due, the most urgent first. Usually for the first hundreds only, because the others are rung
 * already and wait; where the queue holds fewer than that, its entries were lost, and all that is due is rung. Nothing is
 * rung twice: see `ring`. Answers those that the caller has to look after by itself: those for which it could not ring, and
 * where the queue is not long those that have been due for seconds all the same. A worker that dies between taking an entry
 * and claiming its rotation leaves the entry behind, which keeps every other ring out until the queue notices, in a minute.
 */
export async function ringDueRotations(): Promise<string[]> {
  const due = await findDueRotations(AT_ONCE);
  const late = due.filter(({ isLate }) => isLate).map(({ rotationId }) => rotationId);
  const matters = due.length === AT_ONCE || late.length > 0;
  const isShort = matters && (await countRings().catch(() => AT_ONCE)) < AT_ONCE;
  for (let page = due; page.length > 0; ) {
    try {
      await ringAll(page);
    } catch {
      return page.map(({ rotationId }) => rotationId);
    }
    page = isShort && page.length === AT_ONCE ? await findDueRotations(AT_ONCE, page.at(-1)) : [];
  }
  return isShort ? late : [];
}

/** Starts the rotations of all slots that are due and rings for them, until nothing is due or `isOver`. */
export async function startAllDue(isOver: () => boolean): Promise<number> {
  let count = 0;
  let rung = Promise.resolve();
  for (let more = true; more && !isOver(); ) {
    const batch = await startDueRotations(AT_ONCE);
    more = batch.more;
    count += batch.started.length;
    await rung;
    // The next batch is started meanwhile. A lost ring costs the sweep's half second and no more.
    rung = ringAll(batch.started.map((rotationId) => ({ rotationId, fence: '0' }))).catch(() => {});
  }
  await rung;
  return count;
}
