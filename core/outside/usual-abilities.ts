import type { z } from 'zod';
import { untouched } from '#core/outside/draw-form.ts';

/**
 * What a connector can do with this config, where everything else is left as the forms are drawn; null where that depends on
 * what is entered. Without a config: what its kind can do.
 */
export function usualAbilities<Can>(
  connector: {
    readonly config: z.ZodObject;
    readonly place: z.ZodObject;
    can(config: Record<string, unknown>, place: Record<string, unknown>): Can;
  },
  config: object = {},
): Can | null {
  try {
    return connector.can({ ...untouched(connector.config), ...config }, untouched(connector.place));
  } catch {
    return null;
  }
}
