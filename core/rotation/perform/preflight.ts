import { inspect } from '#core/rotation/inspect.ts';
import type { Effect } from '#core/rotation/perform/effect.ts';

/** Before anything changes: the issuer answers and permits, a slot is free, and every required target can be written. */
export const preflight: Effect = async ({ issuer, bindings, situation }, { bindingId }) => {
  const { credentialName: credential, from, leftovers, supersedes } = situation;
  const found = await inspect({
    credential,
    issuer,
    bindings,
    inUse: from?.externalId ?? null,
    cleared: { externalIds: leftovers.map(({ externalId }) => externalId), tag: supersedes },
  });
  const [bad] = found.flatMap((one) => (one.ok || !one.required ? [] : [one]));
  if (bad === undefined) {
    return { bindingId, ended: 'done' };
  }
  const { message, retry, retryAfterSeconds } = bad.error;
  return {
    bindingId,
    ended: 'failed',
    failure: {
      message,
      retry,
      hold: bad.hold,
      ofIssuer: bad.subject === issuer.name,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  };
};
