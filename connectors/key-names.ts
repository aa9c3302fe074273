import { ConnectorError } from '#connectors/contract.ts';

/** Refuses keys that a vendor does not take as names, before anything is written. `rule` ends a sentence. */
export function requireNames(vendor: string, keys: readonly string[], pattern: RegExp, rule: string): void {
  const wrong = keys.find((key) => !pattern.test(key));
  if (wrong === undefined) return;
  const sentence = `${vendor} takes no key of the name ${wrong}: it wants ${rule}. Nothing was written; bind to another name.`;
  throw new ConnectorError(sentence, 'never');
}
