import { ZodError } from 'zod';
import { ConnectorError } from '#connectors/contract.ts';
import {
  askIssuer,
  type IssuerAnswer,
  type Newer,
  openCurrent,
  openFor,
  readNewer,
} from '#core/backup/ask-issuer.ts';
import { askTargets, type Held, type TargetAnswer } from '#core/backup/ask-targets.ts';
import type { Restored } from '#core/backup/load-restored.ts';
import { openFields } from '#core/vault/fields.ts';
import { VaultError } from '#core/vault/seal.ts';
import { newId } from '#lib/new-id.ts';

/** What a credential was found to be, before anything is stored. */
export interface Verdict {
  readonly outcome: 'same' | 'imported' | 'unproven';
  readonly sentence: string;
  readonly targets: readonly TargetAnswer[];
  /** To become current, under this id. */
  readonly newer: (Newer & { readonly versionId: string }) | null;
  /** The issuer refuses what is stored as current. */
  readonly isDead: boolean;
}

const advice = 'Let it go on and rotate it, so that one new secret is everywhere.';

const readable = (answers: readonly TargetAnswer[]) => answers.filter(({ state }) => state !== 'unreadable');

/** Why the stored version cannot be called the one in use; null where it can. */
function doubtOf(
  { current, issuer }: Restored,
  answer: IssuerAnswer,
  answers: readonly TargetAnswer[],
  maxLive: number,
) {
  const v = `v${current?.n}`;
  if (answer.signIn === 'rejected') {
    return `${issuer.name} refuses ${v}: it was replaced after the backup.`;
  }
  const wrong = readable(answers).find(({ n }) => n !== current?.n);
  if (wrong !== undefined) {
    const says = wrong.state === 'failed' ? wrong.says : `${wrong.binding.target.name} ${wrong.says}.`;
    return `${v} is current here. ${says}`;
  }
  if (answer.signIn === 'unknown') {
    return `${issuer.name} does not say whether ${v} still works.`;
  }
  if (answer.signIn === 'untried') {
    return `${v} was not tried, because ${issuer.name} locks after one refused sign-in.`;
  }
  if (readable(answers).length > 0 || maxLive === 1 || answer.unknown?.length === 0) {
    return null;
  }
  return answer.unknown === null
    ? `${issuer.name} accepts ${v}, but may hold a newer secret beside it, and no target says which one it has.`
    : `${issuer.name} accepts ${v}, but holds secrets beside it that are not stored here, and no target says which one it has.`;
}

/** What is said of a rotation that was open in the backup, and what of it is seen at the issuer. */
function saidOfOpen(
  { issuer }: Restored,
  { phase, hold }: Restored['rotations'][number],
  { unknown }: IssuerAnswer,
): string {
  const [stood, next] =
    hold === 'approval_pending'
      ? ['waited for approval when the backup was made, and waits for it again', 'have it approved']
      : [`was under way when the backup was made, in the phase ${phase}, and is held`, 'let it go on'];
  const made = (unknown ?? []).flatMap(({ externalId, tag }) => (tag === undefined ? [] : [externalId]));
  const seen =
    made.length === 0
      ? ''
      : ` ${issuer.name} holds what a rotation made and no version here knows, and it may be in use: ${made.join(', ')}.`;
  return `A rotation ${stood}: what it did after that is not known here.${seen} Look at its targets, then cancel it or ${next}.`;
}

const held = (newer: Newer & { versionId: string }): Held => ({ ...newer, n: null });

/** The newer secret that is in use: the one that targets hold; where none can be read, the newest that a rotation made. */
async function findNewer(restored: Restored, found: readonly Newer[], known: readonly Held[]) {
  for (const one of found) {
    const newer = { ...one, versionId: newId() };
    const targets = await askTargets(restored, [held(newer), ...known]);
    const holds = targets.some(({ state, n }) => state === 'holds' && n === null);
    if (holds || (newer.tagged && readable(targets).length === 0)) {
      return { newer, targets };
    }
  }
  return null;
}

function importedVerdict(
  { issuer }: Restored,
  found: NonNullable<Awaited<ReturnType<typeof findNewer>>>,
  isDead: boolean,
): Verdict {
  const wrong = readable(found.targets).filter(({ state, n }) => state !== 'holds' || n !== null);
  const read = `${issuer.name} holds a newer secret, which was read back and is current now.`;
  return wrong.length === 0
    ? { outcome: 'imported', sentence: read, ...found, isDead }
    : {
        outcome: 'unproven',
        sentence: `${read} Not every target is known to hold it: ${wrong.map(({ binding, says }) => `${binding.target.name} ${says}`).join('; ')}. ${advice}`,
        ...found,
        isDead,
      };
}

async function judge(restored: Restored, refusedBefore: boolean): Promise<Verdict> {
  const unproven = { outcome: 'unproven', newer: null, isDead: false, targets: [] } as const;
  const { current, versions, rotations } = restored;
  if (current === null) {
    return { ...unproven, sentence: `No version of it was current when the backup was made. ${advice}` };
  }
  const fields = openCurrent(restored);
  const known = versions.map(({ id, n, sealed }) => ({
    versionId: id,
    n,
    fields: openFields({ table: 'secret_versions', id, field: 'sealed' }, sealed),
  }));
  // What is current is looked for first: an older one of the same value is the same.
  const candidates = known.toSorted((a, b) => Number(b.n === current.n) - Number(a.n === current.n));
  const issuer = openFor(restored);
  const answer = await askIssuer(issuer, restored, fields, refusedBefore);
  const targets = await askTargets(restored, candidates);
  const isDead = answer.signIn === 'rejected';
  const [open] = rotations;
  if (open !== undefined) {
    return { ...unproven, sentence: saidOfOpen(restored, open, answer), targets, isDead };
  }
  const doubt = doubtOf(restored, answer, targets, issuer.can.maxLive);
  if (doubt === null) {
    const sentence = `v${current.n} is in use, as it is stored.`;
    return { outcome: 'same', sentence, targets, newer: null, isDead: false };
  }
  const found = await findNewer(restored, await readNewer(issuer, answer.unknown ?? [], fields), candidates);
  return found === null
    ? { ...unproven, sentence: `${doubt} ${advice}`, targets, isDead }
    : importedVerdict(restored, found, isDead);
}

/** Why it is not known what a credential is. One that cannot be opened or read must not keep all the others at rest. */
function whyUnknown(error: unknown): string {
  if (error instanceof ConnectorError || error instanceof VaultError) return error.message;
  if (!(error instanceof ZodError)) throw error;
  const field = error.issues[0]?.path.join('.') ?? '';
  return `What is stored of its issuer, of a target or of its place there is not as this version of Rekey reads it (${field}).`;
}

/**
 * Asks the issuer and the targets of one credential what they have, and judges whether what is stored is what is in use. Nothing is
 * written, here or outside. What cannot be asked is not proven.
 */
export async function compareCredential(restored: Restored, refusedBefore: boolean): Promise<Verdict> {
  try {
    return await judge(restored, refusedBefore);
  } catch (error) {
    const sentence = `${whyUnknown(error)} So it is not known whether what is stored is in use. Compare again, or rotate it.`;
    return { outcome: 'unproven', sentence, targets: [], newer: null, isDead: refusedBefore };
  }
}
