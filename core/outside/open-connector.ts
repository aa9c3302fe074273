import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type Call,
  type ChosenValue,
  ConnectorError,
  type IssuerCan,
  type IssuerConnector,
  type Limits,
  type NotifierConnector,
  type TargetCan,
  type TargetConnector,
} from '#connectors/contract.ts';
import { issuerConnector, notifierConnector, targetConnector } from '#connectors/registry.ts';
import { httpWith, outside } from '#core/outside/guarded-http.ts';
import {
  type Configurable,
  type ConfiguredRow,
  openConfig,
  parseConfigured,
  type Secrets,
  Together,
} from '#core/outside/open-config.ts';
import { forget, remembered } from '#core/outside/remembered.ts';
import type { Turn } from '#core/outside/turn.ts';
import { openFields } from '#core/vault/fields.ts';
import { env } from '#lib/env.ts';

/** The only place where a connector's `call` is built. */

export interface PlacedRow {
  table: 'credentials' | 'bindings';
  id: string;
  place: unknown;
  sealed: string | null;
}

type AnyCall = Call<Record<string, unknown>, Record<string, unknown>>;
type UnplacedCall = Call<Record<string, unknown>, null>;

/** One connector with its opened config: asks it one thing at a time. */
export interface Opened<Connector, Can> {
  readonly name: string;
  readonly connector: Connector;
  readonly can: Can;
  /** Where the connector declares limits: to be taken for several questions that belong together. */
  readonly turn: Turn | null;
  /**
   * Makes one call, ended after ten seconds. Everything that goes wrong arrives as a `ConnectorError` that names
   * who was asked, with known secrets blotted out of its message.
   */
  ask<T>(versionId: string | null, question: (connector: Connector, call: AnyCall) => Promise<T>): Promise<T>;
}

/** A third of a worker's lease, so that a call never outlives the right to make it. */
export const CALL_MS = 10_000;

/** When a call has to have ended. Its signal, for drivers with sockets of their own, is made where one asks for it. */
class Ending {
  readonly at = performance.now() + CALL_MS;
  #controller: AbortController | null = null;
  #timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    if (this.#controller === null) {
      const controller = new AbortController();
      this.#controller = controller;
      // Not AbortSignal.timeout: that one runs on after the answer, and thousands of them would.
      this.#timer = setTimeout(() => controller.abort(), Math.max(0, this.at - performance.now()));
    }
    return this.#controller.signal;
  }

  /** The call is over: nothing runs on. */
  over(): void {
    clearTimeout(this.#timer);
  }
}

/** Changes with the settings, so that nothing is remembered beyond them. */
function digestOf({ config, sealed }: ConfiguredRow): string {
  return createHash('sha256')
    .update(JSON.stringify([config, sealed]))
    .digest('base64');
}

function blotOut(message: string, secrets: Secrets): string {
  return Object.values(secrets).reduce(
    (text, secret) => text.replaceAll(secret.expose(), '[redacted]'),
    message,
  );
}

function asConnectorError(error: unknown, name: string, secrets: Secrets): ConnectorError {
  if (error instanceof ConnectorError) {
    const { retry, because, retryAfterSeconds, field } = error;
    return new ConnectorError(`${name}: ${blotOut(error.message, secrets)}`, retry, {
      ...(because === undefined ? {} : { because }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(field === undefined ? {} : { field }),
    });
  }
  // Not foreseen by the connector, so nobody knows how far the call went.
  const text = error instanceof Error ? error.message : String(error);
  return new ConnectorError(`${name}: ${blotOut(text, secrets)}`, 'unknown');
}

function open<Connector extends { config: z.ZodObject; place: z.ZodObject; limits?: Limits }>(
  table: Configurable,
  connector: Connector,
  row: ConfiguredRow,
  placed: PlacedRow | null,
  together: Together,
): Pick<Opened<Connector, never>, 'turn' | 'ask'> & {
  config: Record<string, unknown>;
  place: Record<string, unknown>;
} {
  const { config, secrets, turn, tls } = openConfig(table, connector, row, together);
  const placeSecrets =
    placed === null ? {} : openFields({ table: placed.table, id: placed.id, field: 'sealed' }, placed.sealed);
  const place = placed === null ? {} : parseConfigured(connector.place, placed.place, placeSecrets);
  let known: string | undefined;
  const remembering = () => {
    known ??= `${table} ${row.id} ${digestOf(row)} `;
    return known;
  };
  return {
    config,
    place,
    turn,
    ask: async (versionId, question) => {
      const { guard } = outside();
      await turn?.enter();
      const ending = new Ending();
      const { REKEY_FILE_ROOTS: fileRoots, REKEY_DATA_DIR: dataDir } = env();
      try {
        const call: AnyCall = {
          config,
          place,
          placedId: placed?.id ?? null,
          versionId,
          http: httpWith(tls).endingAt(ending.at),
          resolve: guard.resolve,
          get signal() {
            return ending.signal;
          },
          remember: (name, make) => remembered(`${remembering()}${name}`, make),
          fileRoots,
          dataDir,
        };
        return await question(connector, call);
      } catch (error) {
        if (error instanceof ConnectorError && error.because === 'permission') {
          forget(remembering());
        }
        throw asConnectorError(error, row.name, { ...secrets, ...placeSecrets });
      } finally {
        ending.over();
        await turn?.leave();
      }
    },
  };
}

export interface OpenedIssuer extends Opened<IssuerConnector, IssuerCan> {
  /** What values are made of that this issuer takes; undefined where it says nothing. */
  readonly chosen: ChosenValue | undefined;
}

/** Opens an issuer, with the place of one of its credentials. */
export function openIssuer(
  issuer: ConfiguredRow,
  credential: PlacedRow,
  together: Together = new Together(),
): OpenedIssuer {
  const connector = issuerConnector(issuer.kind);
  const { config, place, turn, ask } = open('issuers', connector, issuer, credential, together);
  const can = connector.can(config, place);
  return { name: issuer.name, connector, can, turn, chosen: connector.chosen?.(config, place), ask };
}

/** An issuer before anything at it was picked. */
export interface UnplacedIssuer {
  readonly name: string;
  readonly connector: IssuerConnector;
  /** What it could do for a credential at this place; null where the place does not say enough. */
  canAt(place: unknown): IssuerCan | null;
  /** As `ask` of an opened issuer, without a place. */
  ask<T>(question: (connector: IssuerConnector, call: UnplacedCall) => Promise<T>): Promise<T>;
}

/** Opens an issuer without a place, to ask what it has. */
export function openUnplacedIssuer(issuer: ConfiguredRow): UnplacedIssuer {
  const connector = issuerConnector(issuer.kind);
  const { config, ask } = open('issuers', connector, issuer, null, new Together());
  return {
    name: issuer.name,
    connector,
    canAt: (entered) => {
      const { success, data } = connector.place.safeParse(entered);
      return success ? connector.can(config, data) : null;
    },
    ask: (question) => ask(null, (_connector, call) => question(connector, { ...call, place: null })),
  };
}

/** Opens a target, with the place of one of its bindings. */
export function openTarget(
  target: ConfiguredRow,
  binding: PlacedRow,
  together: Together = new Together(),
): Opened<TargetConnector, TargetCan> {
  const connector = targetConnector(target.kind);
  const { config, place, turn, ask } = open('targets', connector, target, binding, together);
  return { name: target.name, connector, can: connector.can(config, place), turn, ask };
}

/** Opens a notifier. */
export function openNotifier(notifier: ConfiguredRow) {
  const connector = notifierConnector(notifier.kind);
  const { ask } = open('notifiers', { ...connector, place: z.object({}) }, notifier, null, new Together());
  type NotifierCall = Call<Record<string, unknown>, null>;
  return {
    /** Makes one call, as `Opened.ask` does. */
    ask: (question: (connector: NotifierConnector, call: NotifierCall) => Promise<void>) =>
      ask(null, (_connector, call) => question(connector, { ...call, place: null })),
  };
}
