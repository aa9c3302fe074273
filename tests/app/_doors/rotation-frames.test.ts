import { expect, test } from 'vitest';
import { type RotationSource, rotationFrames, times } from '#app/_doors/rotation-frames.ts';
import { progressOf, type RotationProgress, revisionOf } from '#app/_doors/rotation-progress.ts';
import { step, view } from '#tests/app/progress.ts';

const open = progressOf(view);
const later = { ...open, phase: 'confirm' as const, lastEventId: '8' };
const done = { ...open, phase: 'prove' as const, outcome: 'completed', lastEventId: '9' };

/** A rotation whose state a test sets; counts who listens. */
function makeSource(first: RotationProgress) {
  const watchers = new Set<() => void>();
  const calls: string[] = [];
  const world = { now: first };
  const source: RotationSource = {
    read: async () => {
      calls.push('read');
      return world.now;
    },
    watch: async (watcher) => {
      calls.push('watch');
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
  const set = (next: RotationProgress, tell = true) => {
    world.now = next;
    for (const watcher of tell ? watchers : []) watcher();
  };
  return { source, watchers, calls, set };
}

const never = () => new AbortController().signal;
const idsIn = (frames: string[]) => frames.flatMap((frame) => /^id: (\S+)/m.exec(frame)?.[1] ?? []);

async function next(frames: AsyncGenerator<string>): Promise<string> {
  const { value } = await frames.next();
  return value ?? 'ended';
}

async function all(frames: AsyncGenerator<string>): Promise<string[]> {
  const seen: string[] = [];
  for await (const frame of frames) seen.push(frame);
  return seen;
}

test('it listens before it reads, sends the state now, and ends after the outcome', async () => {
  const { source, calls, watchers } = makeSource(done);
  const frames = await all(rotationFrames(source, null, never()));
  expect(calls).toEqual(['watch', 'read']);
  expect(idsIn(frames)).toEqual([revisionOf(done)]);
  expect(frames.at(-1)).toContain(`event: rotation\ndata: ${JSON.stringify(done)}\n\n`);
  expect(watchers.size).toBe(0);
});

test('a browser that names the state it has is sent nothing until something changes', async () => {
  const { source, set } = makeSource(open);
  const frames = rotationFrames(source, revisionOf(open), never());
  expect(await next(frames)).toMatch(/^retry:/);
  const waited = next(frames);
  setTimeout(() => set(later), 20);
  expect(idsIn([await waited])).toEqual([revisionOf(later)]);
  await frames.return(undefined);
});

test('a change whose signal was lost is read all the same', async () => {
  const { source, set } = makeSource(open);
  const frames = rotationFrames(source, revisionOf(open), never(), { ...times, readEvery: 10 });
  await next(frames);
  const waited = next(frames);
  setTimeout(() => set(done, false), 20);
  expect(idsIn([await waited])).toEqual([revisionOf(done)]);
  expect(await next(frames)).toBe('ended');
});

test('a change during a read is not slept over', async () => {
  const { source, set } = makeSource(open);
  const read = source.read;
  let first = true;
  source.read = async () => {
    const seen = await read();
    if (first) set(done);
    first = false;
    return seen;
  };
  const frames = await all(rotationFrames(source, null, never(), { ...times, readEvery: 3_600_000 }));
  expect(idsIn(frames)).toEqual([revisionOf(open), revisionOf(done)]);
});

test('the same state is sent once, and silence is broken by a comment', async () => {
  const { source } = makeSource(open);
  const frames = rotationFrames(source, null, never(), { readEvery: 1, pingAfter: 5, life: 60_000 });
  const seen = [await next(frames), await next(frames), await next(frames)];
  expect(idsIn(seen)).toHaveLength(1);
  expect(seen[2]).toBe(': still here\n\n');
  await frames.return(undefined);
});

test('it stops listening when the browser leaves, and when its life is over', async () => {
  const left = makeSource(open);
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 20);
  await all(rotationFrames(left.source, null, stop.signal));
  expect(left.watchers.size).toBe(0);
  const old = makeSource(open);
  await all(rotationFrames(old.source, null, never(), { readEvery: 5, pingAfter: 1000, life: 20 }));
  expect(old.watchers.size).toBe(0);
});

test('the start of the gap is a change, although no event is recorded for it', () => {
  const gap = progressOf({ ...view, gapStartedAt: '2026-11-23T12:00:01.000Z' });
  expect(gap.lastEventId).toBe(open.lastEventId);
  expect(revisionOf(gap)).not.toBe(revisionOf(open));
});

test('polls are no change: a phase that asks every second is not sent every second', () => {
  const poll = { ...step, result: 'waiting' };
  const once = progressOf({ ...view, steps: [poll], nextAttemptAt: '2026-11-23T12:00:06.000Z' });
  const twice = progressOf({ ...view, steps: [poll, { ...poll, seq: 2 }] });
  expect(revisionOf(once)).toBe(revisionOf(twice));
  expect(once.asksAgain).toBe(true);
});

test('the time of the next try is told after a failure only', () => {
  expect(progressOf(view).nextAttemptAt).toBeNull();
  expect(progressOf({ ...view, steps: [{ ...step, result: 'failed' }] }).nextAttemptAt).toBe(
    view.nextAttemptAt,
  );
  const other = { ...step, seq: 2, bindingId: '01900000-0000-7000-8000-000000000004' };
  expect(progressOf({ ...view, steps: [{ ...step, result: 'failed' }, other] }).nextAttemptAt).toBe(
    view.nextAttemptAt,
  );
});
