import { ConnectorError, type Fields } from '#connectors/contract.ts';
import type { Restored, RestoredBinding } from '#core/backup/load-restored.ts';
import { entriesFor, VERSION_FIELD } from '#core/outside/entries.ts';
import { openTarget } from '#core/outside/open-connector.ts';

/** A version's values, under the id by which targets know it. */
export interface Held {
  readonly versionId: string;
  readonly n: number | null;
  readonly fields: Fields;
}

/** What one target was found to hold. `n` is the version's number; null for the one that is not stored yet. */
export interface TargetAnswer {
  readonly binding: RestoredBinding;
  readonly state: 'holds' | 'other' | 'unreadable' | 'failed';
  readonly n: number | null;
  /** For people. */
  readonly says: string;
}

const open = (binding: RestoredBinding) => openTarget(binding.target, { ...binding, table: 'bindings' });

/** Which version this is is left out of the question: a newer one has another id where it came from. */
function valuesOf({ fields }: RestoredBinding, held: Held) {
  const wanted = Object.fromEntries(Object.entries(fields).filter(([field]) => field !== VERSION_FIELD));
  return entriesFor(wanted, held.versionId, held.fields);
}

async function look(binding: RestoredBinding, candidates: readonly Held[]): Promise<TargetAnswer> {
  const target = open(binding);
  const { readBack } = target.can;
  if (readBack === 'none' || readBack === 'fetched') {
    return { binding, state: 'unreadable', n: null, says: 'cannot be read' };
  }
  for (const held of candidates) {
    const answer = await target.ask(held.versionId, (connector, call) =>
      connector.confirm(call, valuesOf(binding, held), 'primary'),
    );
    if (answer === 'unknown') {
      return { binding, state: 'unreadable', n: null, says: 'does not say what it holds' };
    }
    if (answer === 'live') {
      const says = held.n === null ? 'holds the newer secret' : `holds v${held.n}`;
      return { binding, state: 'holds', n: held.n, says };
    }
  }
  return { binding, state: 'other', n: null, says: 'holds a value that is not stored here' };
}

/** Asks every target of a credential which of the candidates it holds; the first that fits counts. Nothing is written. */
export async function askTargets(
  { bindings }: Restored,
  candidates: readonly Held[],
): Promise<TargetAnswer[]> {
  const answers: TargetAnswer[] = [];
  for (const binding of bindings) {
    answers.push(
      await look(binding, candidates).catch((error): TargetAnswer => {
        if (!(error instanceof ConnectorError)) throw error;
        return { binding, state: 'failed', n: null, says: error.message };
      }),
    );
  }
  return answers;
}

/**
 * Gives targets the id by which a secret that they hold already is known here, and marks it served where consumers fetch. No
 * target gets another secret than it holds. Answers the sentences of those that failed.
 */
export async function nameAtTargets(answers: readonly TargetAnswer[], held: Held): Promise<string[]> {
  const failures: string[] = [];
  for (const { binding, state } of answers) {
    const target = open(binding);
    const known = state === 'holds' && VERSION_FIELD in binding.fields;
    if (known || target.can.readBack === 'fetched') {
      const entries = entriesFor(binding.fields, held.versionId, held.fields);
      await target
        .ask(held.versionId, (connector, call) => connector.deliver(call, entries, 'primary'))
        .catch((error) => {
          if (!(error instanceof ConnectorError)) throw error;
          failures.push(error.message);
        });
    }
  }
  return failures;
}
