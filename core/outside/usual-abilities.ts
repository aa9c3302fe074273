import type { z } from 'zod';
import type { IssuerConnector } from '#connectors/contract.ts';
import { drawForm, untouched } from '#core/outside/draw-form.ts';

interface Connector<Can> {
  readonly config: z.ZodObject;
  readonly place: z.ZodObject;
  can(config: Record<string, unknown>, place: Record<string, unknown>): Can;
}

function abilitiesWith<Can>(connector: Connector<Can>, config: object, place: object): Can | null {
  try {
    const { config: entered, place: picked } = connector;
    return connector.can({ ...untouched(entered), ...config }, { ...untouched(picked), ...place });
  } catch {
    return null;
  }
}

/**
 * What a connector can do with this config, where everything else is left as the forms are drawn; null where that depends on
 * what is entered. Without a config: what its kind can do.
 */
export function usualAbilities<Can>(connector: Connector<Can>, config: object = {}): Can | null {
  return abilitiesWith(connector, config, {});
}

/**
 * Whether somebody who gives a secret that is in use has to say which one it is. `never`: there is one at a time, whatever the
 * place. `always`: several can work and the issuer lists none. `sometimes`: it lists them, or the place says how many there are.
 */
export function mustNameSecret(
  connector: Pick<IssuerConnector, 'config' | 'place' | 'can'>,
  config: object,
): 'never' | 'sometimes' | 'always' {
  const shapes = [
    {},
    ...drawForm(connector.place).flatMap(({ name, type, choices }) =>
      (type === 'boolean' ? [true, false] : choices).map((value) => ({ [name]: value })),
    ),
  ];
  const cans = shapes.map((place) => abilitiesWith(connector, config, place));
  if (cans.every((can) => can?.maxLive === 1)) {
    return 'never';
  }
  return cans.every((can) => can !== null && can.maxLive > 1 && !can.list) ? 'always' : 'sometimes';
}
