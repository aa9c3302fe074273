import { type Level, neededLevel } from '#core/outside/levels.ts';
import { deliveryCounts } from '#core/rotation/situation.ts';
import type { Db } from '#lib/db.ts';

/** A rotation with everything that its page tells; null where there is none. */
export const readRow = (db: Db, id: string) =>
  db.rotation.findUnique({
    where: { id },
    include: {
      steps: { orderBy: { seq: 'asc' } },
      approvals: { orderBy: { at: 'asc' } },
      glassBreaks: { orderBy: { requestedAt: 'desc' }, take: 1 },
      credential: {
        include: {
          issuer: true,
          bindings: {
            include: { target: true, deliveries: true },
            orderBy: [{ canary: 'desc' }, { createdAt: 'asc' }, { id: 'asc' }],
          },
          versions: true,
        },
      },
    },
  });

/** A rotation with its steps, its credential and all the bindings that ever were. */
type Row = NonNullable<Awaited<ReturnType<typeof readRow>>>;

/** The bindings that were there while the rotation was open, also those that are archived by now; none that came after its end. */
const boundDuring = ({ createdAt, endedAt, credential }: Row) =>
  credential.bindings.filter(
    (binding) =>
      (endedAt === null || binding.createdAt < endedAt) &&
      (binding.archivedAt === null || binding.archivedAt > createdAt),
  );

/** How surely each target of the rotation has the version that comes in. */
export function targetsOf(row: Row) {
  const isForward = row.direction === 'forward';
  const incoming = isForward ? row.toVersion : row.fromVersion;
  return boundDuring(row).map((binding) => {
    const delivery = binding.deliveries.find(
      ({ versionId, slot }) => versionId === incoming && slot === 'primary',
    );
    const isDelivered = delivery !== undefined && (isForward || deliveryCounts(row, delivery));
    return {
      bindingId: binding.id,
      name: binding.target.name,
      required: binding.required,
      needs: neededLevel(binding.needs as Level, binding.required, row.needs as Level | null),
      level: isDelivered ? delivery.level : null,
      confirmedAt: delivery?.confirmedAt?.toISOString() ?? null,
    };
  });
}
