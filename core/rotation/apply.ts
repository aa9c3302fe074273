import type { Commit } from '#core/rotation/commit-step.ts';
import type { DeliveryFact, Situation, Step, VersionFact } from '#core/rotation/situation.ts';

type Row = Readonly<Record<string, unknown>>;

const camel = (name: string) => name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());

/** A row of a patch with the names of the code, and only what it says. */
function facts<T>(row: Row): Partial<T> {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [camel(name), value]),
  ) as Partial<T>;
}

function withSteps(situation: Situation, rows: readonly Row[]): readonly Step[] {
  const steps = new Map(situation.steps.map((step) => [step.seq, step]));
  for (const row of rows) {
    const given = facts<Step>(row);
    const seq = Number(row.seq);
    const blank = { direction: situation.direction, intentAt: situation.now, result: null, ref: null };
    steps.set(seq, { ...blank, ...steps.get(seq), ...given } as Step);
  }
  return [...steps.values()].sort((a, b) => a.seq - b.seq);
}

function withVersion(version: VersionFact, rows: readonly Row[]): VersionFact {
  const given = rows.filter((row) => row.id === version.id).map((row) => facts<VersionFact>(row));
  return Object.assign({}, version, ...given);
}

function newVersion({ now }: Situation, row: Row): VersionFact {
  const blank = { externalId: null, endsAt: null, revokedAt: null, createdAt: now };
  return { ...blank, ...facts<VersionFact>(row) } as VersionFact;
}

function withDeliveries(situation: Situation, rows: readonly Row[]): readonly DeliveryFact[] {
  const given = rows.map(
    (row) => ({ ...facts<DeliveryFact>(row), updatedAt: situation.now }) as DeliveryFact,
  );
  const isSame = (a: DeliveryFact, b: DeliveryFact) =>
    a.versionId === b.versionId && a.bindingId === b.bindingId && a.slot === b.slot;
  return given.reduce(
    (known, one) => [...known.filter((other) => !isSame(other, one)), one],
    situation.deliveries,
  );
}

/**
 * The situation after a commit: what `commit_step` does to the rows, done to what was read of them. The property tests
 * hold the two against each other.
 */
export function apply(situation: Situation, { patch }: Commit): Situation {
  const rotation = facts<Situation & { toVersion: string }>(patch.rotation ?? {});
  const versions = patch.versions ?? [];
  const made = versions.find((row) => row.id === rotation.toVersion);
  const to = situation.to ?? (made === undefined ? null : newVersion(situation, made));
  const { from, leftovers, now, phase, phaseAt, issuer } = situation;
  const steps = withSteps(situation, patch.steps ?? []);
  return {
    ...situation,
    ...rotation,
    phaseAt: rotation.phase !== undefined && rotation.phase !== phase ? now : (rotation.phaseAt ?? phaseAt),
    from: from === null ? null : withVersion(from, versions),
    to: to === null ? null : withVersion(to, versions),
    leftovers: leftovers
      .map((version) => withVersion(version, versions))
      .filter((version) => version.revokedAt === null),
    deliveries: withDeliveries(situation, patch.deliveries ?? []),
    steps,
    nextSeq: (steps.at(-1)?.seq ?? 0) + 1,
    issuer: {
      ...issuer,
      failures: patch.issuer?.failures ?? issuer.failures,
      healthy: patch.issuer?.health === undefined ? issuer.healthy : patch.issuer.health !== 'unhealthy',
    },
  };
}
