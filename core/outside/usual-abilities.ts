import { defaultsOf, type FormField } from '#core/outside/draw-form.ts';

/** What a connector can do where its forms are left as they are drawn; null where that depends on what is entered. */
export function usualAbilities<Can>(
  connector: { can(config: Record<string, unknown>, place: Record<string, unknown>): Can },
  configForm: readonly FormField[],
  placeForm: readonly FormField[],
): Can | null {
  try {
    return connector.can(defaultsOf(configForm), defaultsOf(placeForm));
  } catch {
    return null;
  }
}
