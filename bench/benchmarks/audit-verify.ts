import type { AuditHandlers } from '#bench/audit.ts';
import { find, interleave, type Result, type Settings } from '#bench/runner.ts';
import type { SealerHandlers } from '#bench/sealer.ts';
import type { World } from '#bench/world.ts';

const EVENTS = 100_000;

/** Events verified per second, out of the database and with all that is checked, against hashing and signatures alone. */
export async function auditVerify(world: World, settings: Settings): Promise<Result[]> {
  const sealer = await world.start<SealerHandlers>('sealer');
  const child = await world.start<AuditHandlers>('audit');
  await child.ask('fill', EVENTS);
  await sealer.ask('stop', undefined);
  await child.ask('keep', undefined);
  const pairs = await interleave(
    Math.min(settings.pairs, 5),
    () => child.ask('hash', undefined),
    () => child.ask('verify', undefined),
  );
  await sealer.stop();
  await child.stop();
  return [find('events verified', pairs, (run) => run, { unit: '/s', bound: { atLeast: 0.5 } })];
}
