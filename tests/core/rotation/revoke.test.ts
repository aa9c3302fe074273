import { expect, test, vi } from 'vitest';
import type { IssuerCan } from '#connectors/contract.ts';
import type { LoadedRotation } from '#core/rotation/load-rotation.ts';
import { revoke } from '#core/rotation/perform/revoke.ts';
import { at, canOf, now, situation, step, v1, v2 } from '#tests/core/rotation/situations.ts';

vi.mock('#core/vault/fields.ts', () => ({ openFields: () => ({}) }));

async function versionsAfter(direction: 'forward' | 'back', changes: Partial<IssuerCan>) {
  const can = canOf('graced', { list: false, ...changes });
  const from = { ...v1, state: direction === 'back' ? 'current' : 'previous', endsAt: at(3600) } as const;
  const to = { ...v2, state: direction === 'back' ? 'discarded' : 'current' } as const;
  const facts = { strategy: 'graced', direction, phase: 'revoke', can, from, to } as const;
  const issuer = { name: 'SurfaceScout', can, connector: { revoke: async () => {} }, ask: async () => {} };
  const loaded = { situation: situation(facts), issuer } as unknown as LoadedRotation;
  const hands = { ready: async () => {}, now: () => now };
  const performed = await revoke(loaded, step(1, 'revoke', { result: null }), hands);
  return performed.ended === 'done' ? performed.commit?.patch.versions : performed;
}

test('where revoking the new secret makes the old one permanent, the end that it was given is forgotten', async () => {
  const revoked = expect.objectContaining({ id: v2.id, revoked_at: now });
  expect(await versionsAfter('back', { wayBack: 'old stays' })).toEqual([
    revoked,
    { id: v1.id, ends_at: null },
  ]);
  expect(await versionsAfter('back', {})).toEqual([revoked]);
  expect(await versionsAfter('forward', { wayBack: 'old stays' })).toEqual([
    expect.objectContaining({ id: v1.id, state: 'revoked', ends_at: now }),
  ]);
});
