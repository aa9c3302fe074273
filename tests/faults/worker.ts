import { advance } from '#core/rotation/advance.ts';
import { findDueRotations } from '#core/rotation/find-due-rotations.ts';
import { db } from '#lib/db.ts';
import { log } from '#lib/log.ts';
import { answerRings, ring } from '#lib/queue.ts';
import { removeMechanisms } from '#tests/faults/support/mechanisms.ts';

/*
 * A worker as in workers/main.ts, with a fast sweep, that works only while the harness tells it to. Its mechanisms are
 * taken away here, by wiring, when a control asks for it.
 */

const SWEEP_MS = 5;
const removed = (process.env.FAULTS_WITHOUT ?? '').split(',').filter((name) => name !== '');

let awake = false;
let underWay = 0;

async function answer(rotationId: string): Promise<void> {
  underWay += 1;
  try {
    await advance(rotationId, () => {});
  } catch (error) {
    log.error({ err: error, rotationId }, 'a rotation could not be advanced');
  }
  underWay -= 1;
}

async function sweep(): Promise<void> {
  if (awake) {
    const due = await findDueRotations(50).catch(() => []);
    await Promise.all(due.map(({ rotationId }) => answer(rotationId)));
  }
  setTimeout(sweep, SWEEP_MS);
}

/** The doorbell of production, with the sweep ringing it. */
const viaQueue = process.env.FAULTS_BELL === 'queue';
let doorbell: { close(): Promise<void> } | null = null;

async function ringDue(): Promise<void> {
  if (awake && !removed.includes('sweep')) {
    const due = await findDueRotations(50).catch(() => []);
    await Promise.all(due.map((one) => ring(one).catch(() => {})));
  }
  setTimeout(ringDue, SWEEP_MS * 10);
}

async function obey(order: { say: string }): Promise<void> {
  awake = order.say === 'work';
  if (awake && viaQueue) {
    doorbell ??= answerRings(4, answer);
  }
  if (order.say === 'rest') {
    await doorbell?.close();
    doorbell = null;
    const report = () => (underWay === 0 ? process.send?.('resting') : setTimeout(report, 2));
    report();
  }
}

process.on('message', (order: { say: string }) => void obey(order));
process.on('disconnect', () => process.exit(0));

removeMechanisms(removed);
// The first connection costs a few milliseconds, which no case should have to wait for.
await db().pool.query('select 1');
void (viaQueue ? ringDue() : sweep());
process.send?.('ready');
