import { ConnectorError } from '#connectors/contract.ts';
import { type Effect, findBinding } from '#core/rotation/perform/effect.ts';

const POLL_SECONDS = 2;

/** Has a target take up what was delivered. What runs there is asked for again, and not begun a second time. */
export const redeploy: Effect = async (loaded, { bindingId, ref }) => {
  const { target, targetName } = findBinding(loaded, bindingId);
  const { redeploy: begin, redeployState } = target.connector;
  if (begin === undefined) {
    throw new ConnectorError(`${targetName} cannot be told to redeploy.`, 'never');
  }
  if (ref === null || redeployState === undefined) {
    const begun = await target.ask(null, (_connector, call) => begin(call));
    return redeployState === undefined
      ? { bindingId, ended: 'done' }
      : { bindingId, ended: 'waiting', seconds: POLL_SECONDS, ref: begun };
  }
  const state = await target.ask(null, (_connector, call) => redeployState(call, ref));
  switch (state) {
    case 'done':
      return { bindingId, ended: 'done' };
    case 'running':
      return { bindingId, ended: 'waiting', seconds: POLL_SECONDS, ref };
    case 'failed':
      throw new ConnectorError(
        `${targetName} has the secret, but its redeployment ${ref} failed. The old secret is kept.`,
        'never',
      );
  }
};
