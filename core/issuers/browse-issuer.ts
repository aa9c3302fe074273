import { z } from 'zod';
import type { Browsed } from '#connectors/contract.ts';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { asProblem } from '#core/outside/as-problem.ts';
import { drawForm } from '#core/outside/draw-form.ts';
import { openUnplacedIssuer, type UnplacedIssuer } from '#core/outside/open-connector.ts';
import { isSamePlace } from '#core/outside/same-place.ts';
import { notFound, Problem } from '#lib/problem.ts';

/** More than this nobody picks from; the rest is counted. */
const MOST = 500;

const storedPlace = z.record(z.string(), z.unknown());

interface Known {
  readonly id: string;
  readonly name: string;
  readonly place: Record<string, unknown>;
}

/** One thing that the issuer has, as plain data. Whatever its place holds of secrets is left out. */
function describe(issuer: UnplacedIssuer, known: readonly Known[], { place, label, secrets }: Browsed) {
  const form = drawForm(issuer.connector.place);
  const isOpen = ([name]: [string, unknown]) =>
    form.some((one) => one.name === name && one.type !== 'secret');
  const open = Object.fromEntries(Object.entries(place).filter(isOpen));
  const can = issuer.canAt(open);
  const here = known.find((credential) => isSamePlace(form, credential.place, open));
  return {
    label,
    place: open,
    /** False: the place lacks something that only a person can enter. */
    isComplete: can !== null,
    canReadBack: can?.readBack === true && issuer.connector.readBack !== undefined,
    maxLive: can?.maxLive ?? 1,
    /** The credential that is managed here already. */
    here: here === undefined ? null : { id: here.id, name: here.name },
    secrets: secrets.map(({ externalId, createdAt, lastUsedAt }) => ({
      externalId,
      createdAt: createdAt?.toISOString() ?? null,
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
    })),
  };
}

/**
 * What an issuer has, with its live secrets, to pick credentials from. Nothing changes, and no value is answered. What is
 * managed here as a credential outside of the limits of who asks is left out.
 */
export const browseIssuer = read(
  {
    name: 'browse-issuer',
    may: ['operator', 'admin'],
    scope: 'everything',
    input: z.object({ issuerId: z.uuid() }),
  },
  async ({ actor, db }, { issuerId }) => {
    const row = await db.prisma.issuer.findUnique({
      where: { id: issuerId, archivedAt: null },
      include: {
        credentials: {
          where: { archivedAt: null },
          select: { id: true, name: true, place: true },
          orderBy: { name: 'asc' },
        },
      },
    });
    if (row === null) {
      throw notFound('issuer');
    }
    const issuer = openUnplacedIssuer(row);
    const { browse } = issuer.connector;
    if (browse === undefined) {
      const sentence = `${row.name} cannot be asked what it has. Enter the place of the credential by hand.`;
      throw new Problem(422, 'not_browsable', sentence);
    }
    const found = await asProblem('Nothing was changed.', () =>
      issuer.ask((_connector, call) => browse(call)),
    );
    const known = row.credentials.map((one) => ({ ...one, place: storedPlace.parse(one.place) }));
    const within = await db.prisma.credential.findMany({
      where: { issuerId, archivedAt: null, ...credentialsOf(actor) },
      select: { id: true },
    });
    const seen = new Set(within.map(({ id }) => id));
    const items = found
      .map((one) => describe(issuer, known, one))
      .filter(({ here }) => here === null || seen.has(here.id));
    return { items: items.slice(0, MOST), more: Math.max(0, items.length - MOST) };
  },
);

export type BrowsedRow = Awaited<ReturnType<typeof browseIssuer>>['items'][number];
