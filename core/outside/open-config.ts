import type { z } from 'zod';
import type { Limits } from '#connectors/contract.ts';
import { tlsOf } from '#connectors/tls.ts';
import { Turn } from '#core/outside/turn.ts';
import { openFields } from '#core/vault/fields.ts';
import type { Plaintext } from '#lib/plaintext.ts';

/** An issuer, a target or a notifier as it is stored. */
export interface ConfiguredRow {
  id: string;
  name: string;
  kind: string;
  config: unknown;
  sealed: string | null;
}

export type Secrets = Readonly<Record<string, Plaintext>>;

/** What is stored in the clear and what was sealed, as one. */
export function parseConfigured(
  schema: z.ZodObject,
  plain: unknown,
  secrets: Secrets,
): Record<string, unknown> {
  const exposed = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, value.expose()]));
  return schema.parse({ ...(plain as object), ...exposed });
}

/** The config of one issuer, target or notifier, with its secrets in it and beside it. */
export interface OpenConfig {
  config: Record<string, unknown>;
  secrets: Secrets;
  turn: Turn | null;
  tls: ReturnType<typeof tlsOf>;
}

/**
 * What was read by one statement and belongs together. Each config is opened only once for it, and it shares its turns: bindings
 * of one rotation at the same target do not wait for each other.
 */
export class Together {
  readonly turns = new Map<string, Turn>();
  readonly configs = new Map<string, OpenConfig>();
}

function turnAt(
  table: string,
  { id, name, kind }: ConfiguredRow,
  config: Readonly<Record<string, unknown>>,
  limits: Limits | undefined,
  { turns }: Together,
) {
  if (limits === undefined) return null;
  const { per } = limits;
  const system =
    per === undefined ? `${table} ${id}` : `${table} ${kind} ${per} ${String(config[per]).toLowerCase()}`;
  const turn = turns.get(system) ?? new Turn(system, name, limits);
  turns.set(system, turn);
  return turn;
}

/** What has a config of its own. */
export type Configurable = 'issuers' | 'targets' | 'notifiers';

/** Opens a config, or answers it where it was opened together with something else. Throws where it cannot be opened or does not fit. */
export function openConfig(
  table: Configurable,
  { config: schema, limits }: { config: z.ZodObject; limits?: Limits },
  row: ConfiguredRow,
  together: Together,
): OpenConfig {
  const key = `${table} ${row.id}`;
  const known = together.configs.get(key);
  if (known !== undefined) {
    return known;
  }
  const secrets = openFields({ table, id: row.id, field: 'sealed' }, row.sealed);
  const config = parseConfigured(schema, row.config, secrets);
  const opened = { config, secrets, turn: turnAt(table, row, config, limits, together), tls: tlsOf(config) };
  together.configs.set(key, opened);
  return opened;
}
