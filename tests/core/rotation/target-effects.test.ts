import { beforeEach, expect, test, vi } from 'vitest';
import { ConnectorError, type TargetCan, type TargetConnector } from '#connectors/contract.ts';
import { askConsumer } from '#core/outside/ask-consumer.ts';
import { FenceLost } from '#core/rotation/commit-step.ts';
import { inspect } from '#core/rotation/inspect.ts';
import type { LoadedRotation, OpenBinding } from '#core/rotation/load-rotation.ts';
import { confirm } from '#core/rotation/perform/confirm.ts';
import { deliver } from '#core/rotation/perform/deliver.ts';
import { perform } from '#core/rotation/perform/perform.ts';
import { redeploy } from '#core/rotation/perform/redeploy.ts';
import type { BindingFact, Situation } from '#core/rotation/situation.ts';
import { at, binding, now, situation, step, v2 } from '#tests/core/rotation/situations.ts';

vi.mock('#core/vault/fields.ts', () => ({ openFields: () => ({}) }));
vi.mock('#core/outside/ask-consumer.ts', () => ({ askConsumer: vi.fn() }));

type Answers = Partial<Pick<TargetConnector, 'check' | 'deliver' | 'confirm' | 'redeploy' | 'redeployState'>>;

const consumer = { name: 'c', requests: 0, failures: 0, lastError: null, lastSuccessAt: null };
const using = (versionId: string) => ({ ...consumer, versionId, gaps: [], intervalMs: 1 });

/** A rotation at one target that answers like this. */
function rotationAt(
  answers: Answers,
  facts: Partial<BindingFact>,
  changes: Partial<Situation>,
  readBack: TargetCan['readBack'] = 'value',
): LoadedRotation {
  const connector = answers as TargetConnector;
  const ask = async (_versionId: string | null, question: (one: TargetConnector, call: never) => unknown) =>
    question(connector, {} as never);
  const can: TargetCan = {
    readBack,
    redeploy: 'call',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 1,
  };
  const open = {
    ...binding('b1', facts),
    fields: {},
    consumerUrl: 'http://127.0.0.1:1/state',
    target: { name: 'target b1', connector, can, turn: null, ask },
  } as OpenBinding;
  return {
    situation: situation(changes),
    bindings: [open],
    nextVersion: 3,
  } as unknown as LoadedRotation;
}

const handsAt = (seconds: number) => ({ ready: async () => {}, now: () => at(seconds) });
const confirmed = (loaded: LoadedRotation, slot: 'primary' | 'next' = 'primary') =>
  confirm(slot)(loaded, step(2, 'confirm', { bindingId: 'b1' }), handsAt(1));
const levelIn = async (loaded: LoadedRotation) => {
  const performed = await confirmed(loaded);
  return performed.ended === 'done' ? performed.commit?.patch.deliveries?.[0]?.level : performed.ended;
};

beforeEach(() => {
  vi.mocked(askConsumer).mockReset().mockResolvedValue(null);
});

test('a redeployment that does not end within an hour holds the rotation instead of being waited for for ever', async () => {
  const loaded = rotationAt(
    { redeploy: async () => 'run-2', redeployState: async () => 'running' },
    { redeploys: true },
    { phase: 'redeploy', phaseAt: now },
  );
  const waiting = step(2, 'redeploy', { bindingId: 'b1', result: 'waiting', ref: 'run-1' });
  expect(await redeploy(loaded, waiting, handsAt(3_500))).toMatchObject({ ended: 'waiting', ref: 'run-1' });
  await expect(redeploy(loaded, waiting, handsAt(3_601))).rejects.toMatchObject({
    retry: 'never',
    message: expect.stringMatching(/redeployment run-1 has not ended within an hour/),
  });
});

test('a redeployment that failed is named as the vendor names it, and not by what Rekey keeps of it', async () => {
  const loaded = rotationAt(
    { redeploy: async () => '', redeployState: async () => 'failed' },
    { redeploys: true },
    { phase: 'redeploy' },
  );
  const failedWith = (ref: string) =>
    redeploy(loaded, step(2, 'redeploy', { bindingId: 'b1', result: 'waiting', ref }), handsAt(1));
  await expect(failedWith('dpl_9')).rejects.toThrow('its redeployment dpl_9 failed.');
  await expect(failedWith('{"after":"dep-1"}')).rejects.toThrow('its redeployment failed.');
});

test('a worker that was replaced while it asked a target changes nothing there any more', async () => {
  const lost = async () => {
    throw new FenceLost('replaced');
  };
  const changing = vi.fn(async () => 'run-1');
  const changes = { redeploy: changing, deliver: changing } as unknown as Answers;
  const hands = { ready: lost, now: () => at(1) };
  const live = { ...changes, confirm: async () => 'live' as const };
  const forward = rotationAt(live, { redeploys: true }, { phase: 'redeploy' });
  const told = step(2, 'redeploy', { bindingId: 'b1', result: null });
  await expect(redeploy(forward, told, hands)).rejects.toThrow(FenceLost);
  const back = rotationAt(live, { readsNext: true }, { phase: 'deliver_next', direction: 'back' });
  const given = step(2, 'deliver_next', { bindingId: 'b1', direction: 'back', result: null });
  await expect(deliver('next')(back, given, hands)).rejects.toThrow(FenceLost);
  expect(changing).not.toHaveBeenCalled();
});

test('of a target that cannot be read, the consumer is asked, and its word is enough', async () => {
  const loaded = rotationAt(
    { confirm: async () => 'unknown' },
    { needs: 'adopted' },
    { phase: 'confirm' },
    'none',
  );
  expect(await levelIn(loaded)).toBe('waiting');
  vi.mocked(askConsumer).mockResolvedValue(using('another'));
  expect(await levelIn(loaded)).toBe('waiting');
  vi.mocked(askConsumer).mockResolvedValue(using(v2.id));
  expect(await levelIn(loaded)).toBe('adopted');
});

test('a target that holds another value is not believed to be used by anybody', async () => {
  vi.mocked(askConsumer).mockResolvedValue(using(v2.id));
  const loaded = rotationAt({ confirm: async () => 'pending' }, { needs: 'adopted' }, { phase: 'confirm' });
  expect(await levelIn(loaded)).toBe('waiting');
});

test('what one variable of a readable target hides counts as redeployed once its deployment has ended', async () => {
  const steps = [step(1, 'deliver', { bindingId: 'b1' }), step(2, 'redeploy', { bindingId: 'b1' })];
  const facts = { needs: 'redeployed', redeploys: true } as const;
  const answers: Answers = { confirm: async () => 'unknown' };
  expect(await levelIn(rotationAt(answers, facts, { phase: 'confirm', steps }))).toBe('redeployed');
  const [delivered] = steps;
  const before = { phase: 'confirm' as const, steps: delivered === undefined ? [] : [delivered] };
  expect(await levelIn(rotationAt(answers, facts, before))).toBe('waiting');
});

test('a conflict at a target is not told as a full issuer, whose secrets somebody would then remove', async () => {
  const conflict = async () => {
    throw new ConnectorError('Two environments share the variable.', 'never', { because: 'conflict' });
  };
  const loaded = rotationAt({ deliver: conflict, check: conflict }, {}, { phase: 'deliver' });
  const delivered = await perform(loaded, step(1, 'deliver', { bindingId: 'b1' }), handsAt(1));
  expect(delivered).toMatchObject({ ended: 'failed', failure: { hold: 'delivery_exhausted' } });
  const { bindings } = loaded;
  const issuer = { name: 'issuer', can: { maxLive: 1 }, connector: {}, ask: conflict };
  const asked = { credential: 'c', bindings, inUse: null, cleared: { externalIds: [], tag: null } };
  const found = await inspect({ ...asked, issuer } as unknown as Parameters<typeof inspect>[0]);
  expect(found.map((one) => !one.ok && one.hold)).toEqual(['slot_full', 'target_unhealthy']);
});
