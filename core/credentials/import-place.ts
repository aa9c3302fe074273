import type { Actor } from '#core/access/actor.ts';
import { credentialsOf } from '#core/access/scope.ts';
import { drawForm } from '#core/outside/draw-form.ts';
import type { OpenedIssuer } from '#core/outside/open-connector.ts';
import { isSamePlace } from '#core/outside/same-place.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

type Place = Readonly<Record<string, unknown>>;

/** Keeps others from adding credentials of this issuer until the transaction ends. */
export async function lockPlaces(tx: Db, issuerId: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('places of ' || ${issuerId}, 0))`;
}

/** Nobody archives the issuer before the transaction ends. Throws a `Problem` 404 where somebody has. */
export async function keepIssuer(tx: Db, issuerId: string): Promise<void> {
  const kept = await tx.$queryRaw<unknown[]>`
    select 1 from issuers where id = ${issuerId}::uuid and archived_at is null for key share`;
  if (kept.length === 0) {
    throw notFound('issuer');
  }
}

/**
 * The issuer has just let a credential of its own in, or its first value was made, which says as much as a check. One that is
 * unhealthy stays so until it is probed: its held rotations go on with that.
 */
export async function noteProven(tx: Db, issuerId: string, by: 'import' | 'make'): Promise<void> {
  await tx.$executeRaw`
    update issuers set health = 'healthy', checked_at = rekey_now(), checked_by = ${by}
     where id = ${issuerId}::uuid and health <> 'unhealthy'`;
}

/**
 * Two credentials of one place would rotate one secret against each other. Throws a `Problem` where the place is managed
 * already; the credential is named to those who may see it. Pairs that are there already stay.
 */
export async function requireFreePlace(
  tx: Db,
  actor: Actor,
  issuerId: string,
  { name, connector }: OpenedIssuer,
  place: Place,
): Promise<void> {
  const form = drawForm(connector.place);
  const naming = form.filter(({ required, type }) => required && type !== 'secret');
  const found = await tx.credential.findMany({
    where: {
      issuerId,
      archivedAt: null,
      AND: naming.map((field) => ({
        place: { path: [field.name], equals: place[field.name] as object },
      })),
    },
    select: { id: true, name: true, place: true },
  });
  const same = found.find((one) => isSamePlace(form, Object(one.place), place));
  if (same === undefined) {
    return;
  }
  const seen = await tx.credential.count({ where: { id: same.id, ...credentialsOf(actor) } });
  const as = seen === 1 ? `, as ${same.name}` : '';
  const sentence = `This is managed here already${as}: two credentials would rotate one secret of ${name} against each other.`;
  const first = naming[0]?.name;
  throw new Problem(
    409,
    'place_taken',
    `${sentence} Nothing was saved.`,
    {},
    first === undefined ? {} : { [`place.${first}`]: sentence },
  );
}
