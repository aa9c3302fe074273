import type { Call, Fields, IssuerConnector } from '#connectors/contract.ts';
import type { Performed } from '#core/rotation/decide.ts';
import type { LoadedRotation } from '#core/rotation/load-rotation.ts';
import { prove } from '#core/rotation/perform/prove.ts';
import { verify } from '#core/rotation/perform/verify.ts';
import { at, now, situation, step, version } from '#tests/core/rotation/situations.ts';

type AnyCall = Call<Record<string, unknown>, Record<string, unknown>>;

/** The engine's own two steps that try a secret, over one connector and a clock that the test moves. */
export function clockedSteps(connector: IssuerConnector, call: AnyCall) {
  const can = connector.can(call.config, call.place);
  const seen = { tries: 0 };

  /** A rotation whose secret was issued, or revoked, at the second 0. What is sealed is given here instead. */
  function rotation(phase: 'verify' | 'prove', fields: Fields): LoadedRotation {
    const opened: IssuerConnector = {
      ...connector,
      verify: (asked) => {
        seen.tries += 1;
        return connector.verify(asked, fields);
      },
    };
    const sealed = null as unknown as string;
    const issuer = {
      name: connector.title,
      connector: opened,
      can,
      turn: null,
      ask: (_id: string | null, question: (one: IssuerConnector, asked: AnyCall) => unknown) =>
        question(opened, call),
    };
    const [from, to] = [version(1, { sealed, revokedAt: now }), version(2, { sealed })];
    const steps = [step(1, 'issue'), step(2, phase, { result: null })];
    return {
      situation: situation({ phase, can, from, to, steps }),
      issuer,
      bindings: [],
      nextVersion: 3,
    } as unknown as LoadedRotation;
  }

  const handsAt = (seconds: number) => ({ ready: async () => {}, now: () => at(seconds) });
  return {
    can,
    seen,
    verifyAt: (seconds: number, fields: Fields): Promise<Performed> =>
      verify(rotation('verify', fields), step(2, 'verify', { result: null }), handsAt(seconds)),
    proveAt: (seconds: number, fields: Fields): Promise<Performed> =>
      prove(rotation('prove', fields), step(2, 'prove', { result: null }), handsAt(seconds)),
  };
}
