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

/** A row of a patch with the names of the code, and only what it says. */
function facts<T>(row: Row): Partial<T> {
  const given: Record<string, unknown> = {};
  for (const name in row) {
    if (row[name] !== undefined) {
      given[camel(name)] = row[name];
    }
  }
  return given as Partial<T>;
}

function withSteps(situation: Situation, rows: readonly Row[]): readonly Step[] {
  const steps = [...situation.steps];
  for (const row of rows) {
    const given = facts<Step>(row);
    const at = steps.findIndex((step) => step.seq === row.seq);
    if (at === -1) {
      const blank = { direction: situation.direction, intentAt: situation.now, result: null, ref: null };
      steps.push({ ...blank, ...given } as Step);
    } else {
      steps[at] = { ...steps[at], ...given } as Step;
    }
  }
  return steps.sort((a, b) => a.seq - b.seq);
}

function withVersion(version: VersionFact, rows: readonly Row[]): VersionFact {
  const given = rows.filter((row) => row.id === version.id).map((row) => facts<VersionFact>(row));
  return given.length === 0 ? version : Object.assign({}, version, ...given);
}

function newVersion({ now }: Situation, row: Row): VersionFact {
  const blank = { externalId: null, endsAt: null, revokedAt: null, createdAt: now };
  return { ...blank, ...facts<VersionFact>(row) } as VersionFact;
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
    const one = { ...facts<DeliveryFact>(row), updatedAt: situation.now } as DeliveryFact;
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
  const after: Situation = { ...situation, ...facts<Situation>(row) };
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
