import { z } from 'zod';
import { open, type Place, seal } from '#core/vault/seal.ts';
import { Plaintext } from '#lib/plaintext.ts';

type Fields = Readonly<Record<string, Plaintext>>;

const stored = z.record(z.string(), z.string());

/** Seals several named values as one. */
export function sealFields(place: Place, fields: Fields): string {
  const values = Object.entries(fields).map(([name, value]) => [name, value.expose()]);
  return seal(place, new Plaintext(JSON.stringify(Object.fromEntries(values))));
}

/** Opens what `sealFields` made; nothing sealed gives no fields. */
export function openFields(place: Place, sealed: string | null): Fields {
  if (sealed === null) {
    return {};
  }
  const values = stored.parse(JSON.parse(open(place, sealed).expose()));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, new Plaintext(value)]));
}
