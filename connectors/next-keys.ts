import { ConnectorError, type Slot } from '#connectors/contract.ts';

/**
 * For targets whose consumers read keys: the slot `next` of `KEY` is `KEY_NEXT` at the same place, which
 * `clients/node/` looks for. Refuses keys of which one is where another's next value lies.
 */
export function keysIn(slot: Slot, keys: readonly string[]): (key: string) => string {
  if (slot === 'primary') return (key) => key;
  const taken = keys.find((key) => keys.includes(nextOf(key)));
  if (taken === undefined) return nextOf;
  const sentence = `The next value of ${taken} would lie in ${nextOf(taken)}, which is itself a key of this binding. Nothing was written; bind to other keys.`;
  throw new ConnectorError(sentence, 'never');
}

function nextOf(key: string): string {
  return `${key}_NEXT`;
}
