import type { Situation } from '#core/rotation/situation.ts';

/** What every audit event of a rotation's own doing carries. */
export function describe(situation: Pick<Situation, 'rotationId' | 'credentialId' | 'credentialName'>): {
  actor: { kind: 'system'; id: null; name: string };
  credentialId: string;
  credential: string;
  rotationId: string;
} {
  return {
    actor: { kind: 'system', id: null, name: 'worker' },
    credentialId: situation.credentialId,
    credential: situation.credentialName,
    rotationId: situation.rotationId,
  };
}
