import type { Commit } from '#core/rotation/commit-step.ts';
import type { DeliveryFact, Situation, Step, VersionFact } from '#core/rotation/situation.ts';

type Row = Readonly<Record<string, unknown>>;

/** `binding_id` is `bindingId`: each name is worked out once. */
const names = new Map<string, string>();

function camel(name: string): string {
  const known = names.get(name) ?? name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());
  names.set(name, known);
  return known;
}

/**
 * Puts what a row of a patch says into fresh facts, under the names of the code. What the facts have no name for is left
 * out: they keep their shape, so that copying them, which each commit does, stays cheap.
 */
function put<Facts extends object>(facts: Facts, row: Row): Facts {
  for (const name in row) {
    const key = camel(name);
    if (row[name] !== undefined && key in facts) {
      Reflect.set(facts, key, row[name]);
    }
  }
  return facts;
}

function withSteps(situation: Situation, rows: readonly Row[]): readonly Step[] {
  const { direction, phase, now } = situation;
  const steps = [...situation.steps];
  for (const row of rows) {
    const at = steps.findLastIndex((step) => step.seq === row.seq);
    const before = steps[at];
    if (before === undefined) {
      const blank = { seq: 0, direction, phase, bindingId: null, attempt: 1, result: null, intentAt: now };
      steps.push(put<Step>({ ...blank, ref: null, notBefore: null }, row));
    } else {
      steps[at] = put({ ...before }, row);
    }
  }
  return steps.sort((a, b) => a.seq - b.seq);
}

function withVersion(version: VersionFact, rows: readonly Row[]): VersionFact {
  const given = rows.filter((row) => row.id === version.id);
  return given.length === 0 ? version : given.reduce<VersionFact>(put, { ...version });
}

function newVersion({ now }: Situation, row: Row): VersionFact {
  const named = { id: '', n: 0, fingerprint: '', state: 'pending' as const, externalId: null, sealed: '' };
  return put<VersionFact>({ ...named, createdAt: now, endsAt: null, revokedAt: null }, row);
}

/** The versions of the rotation, with the one that it has just made. */
function withVersions(situation: Situation, rows: readonly Row[], toVersion: unknown) {
  const made = rows.find((row) => row.id === toVersion);
  const { from, leftovers } = situation;
  const to = situation.to ?? (made === undefined ? null : newVersion(situation, made));
  return {
    from: from === null ? null : withVersion(from, rows),
    to: to === null ? null : withVersion(to, rows),
    leftovers: leftovers
      .map((version) => withVersion(version, rows))
      .filter((version) => version.revokedAt === null),
  };
}

function withDeliveries(situation: Situation, rows: readonly Row[]): readonly DeliveryFact[] {
  const deliveries = [...situation.deliveries];
  for (const row of rows) {
    const blank = { versionId: '', bindingId: '', slot: 'primary', level: 'accepted' } as const;
    const one = put<DeliveryFact>({ ...blank, updatedAt: situation.now }, row);
    const at = deliveries.findIndex(
      ({ versionId, bindingId, slot }) =>
        versionId === one.versionId && bindingId === one.bindingId && slot === one.slot,
    );
    deliveries.splice(at === -1 ? deliveries.length : at, 1, one);
  }
  return deliveries;
}

function withIssuer({ issuer }: Situation, { failures, health }: NonNullable<Commit['patch']['issuer']>) {
  return { ...issuer, failures, healthy: health === undefined ? issuer.healthy : health !== 'unhealthy' };
}

/**
 * The situation after a commit: what `commit_step` does to the rows, done to what was read of them. The property tests
 * hold the two against each other.
 */
export function apply(situation: Situation, { patch }: Commit): Situation {
  const { rotation: row = {}, versions, deliveries, steps, issuer } = patch;
  const after = put({ ...situation }, row);
  if (after.phase !== situation.phase) {
    after.phaseAt = situation.now;
  }
  if (versions !== undefined) {
    Object.assign(after, withVersions(situation, versions, row.to_version));
  }
  if (deliveries !== undefined) {
    after.deliveries = withDeliveries(situation, deliveries);
  }
  if (steps !== undefined) {
    after.steps = withSteps(situation, steps);
    after.nextSeq = (after.steps.at(-1)?.seq ?? 0) + 1;
  }
  if (issuer !== undefined) {
    after.issuer = withIssuer(situation, issuer);
  }
  return after;
}
