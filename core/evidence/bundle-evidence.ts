import { z } from 'zod';
import type { Context } from '#core/access/use-case.ts';
import { useCase } from '#core/access/use-case.ts';
import { signBundle } from '#core/audit/bundle-signature.ts';
import { auditKey } from '#core/audit/signing-key.ts';
import { type BundleFile, zipOf } from '#core/evidence/bundle.ts';
import { parseCreated } from '#core/evidence/created.ts';
import type { Cursor } from '#core/evidence/cursor.ts';
import { type Filter, questionOf } from '#core/evidence/filter.ts';
import { findProofs } from '#core/evidence/find-proofs.ts';
import { gatherRotations, type Subject } from '#core/evidence/gather-rotations.ts';
import { jsonLine } from '#core/evidence/jsonl.ts';
import { reportOf } from '#core/evidence/report.ts';
import { endOfNow, streamEvents } from '#core/evidence/stream-events.ts';
import { type Counter, tellExport } from '#core/evidence/told-export.ts';
import type { Database } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';
import { productVersion } from '#lib/product-version.ts';

const input = z.union([
  z.object({ rotationId: z.uuid() }),
  /** `created` is a range as in a question: `2026-11-01..2026-11-28`. Left out, it is all time. */
  z.object({ credentialId: z.uuid(), created: z.string().optional() }),
]);

const readMe = `What is in this bundle

report.html    For people: every rotation, and what was out of the ordinary. Open it in a browser; print it as PDF.
events.jsonl   The audit events, the newest first, one a line. "body" is the event byte for byte as it is stored, from the
               character after "body": to the one before the last brace of the line. "leaf" is the SHA-256 of one zero byte
               and those bytes, so each line can be checked with any tool.
proofs.jsonl   For each event that is sealed: its place in the log ("seq"), the partners on its way to the Merkle root of its batch
               (RFC 6962), the signed checkpoint of that batch, and the public key. An event of the last second may have
               none yet. docs/audit.md of Rekey says how to check one, and how to compare the checkpoint with a witness.
manifest.json  What was asked for, by whom and when, how many events and rotations there are, which events of that time were
               taken from the log to archives before ("detached"), and the size and SHA-256 of each other file.
signature.json The Ed25519 signature of manifest.json with the audit key of the installation, and so of everything here.

To check all of it, unpack the bundle and run: rekey audit check FOLDER --key ID
It needs no server and no database. Learn the ID of the key from the installation (rekey audit verify prints it), and not from here.
`;

async function subjectOf(
  { db }: Context,
  given: z.output<typeof input>,
): Promise<Subject & { query: string }> {
  if ('rotationId' in given) {
    const { rotationId } = given;
    const rotation = await db.prisma.rotation.findUnique({ where: { id: rotationId } });
    if (rotation === null) {
      throw notFound('rotation');
    }
    const { credentialId } = rotation;
    return { credentialId, rotationId, from: null, until: null, query: `rotation:${rotationId}` };
  }
  const { credentialId, created } = given;
  if (created === undefined || created === '') {
    return { credentialId, rotationId: null, from: null, until: null, query: `credential:${credentialId}` };
  }
  const range = parseCreated(created);
  if ('problem' in range) {
    throw new Problem(422, 'bad_range', range.problem, {}, { created: range.problem });
  }
  return { credentialId, rotationId: null, ...range, query: `credential:${credentialId} created:${created}` };
}

/** The events, and the proofs of those that are sealed, each read anew. */
function evidenceFiles(db: Database, filter: Filter, end: Cursor | null, counter: Counter): BundleFile[] {
  const told = new Set<string>();
  return [
    {
      name: 'events.jsonl',
      parts: async function* () {
        for await (const batch of streamEvents(db, filter, end)) {
          counter.count += batch.length;
          for (const { id } of batch) told.add(id);
          yield batch.map(jsonLine).join('');
        }
      },
    },
    {
      name: 'proofs.jsonl',
      parts: async function* () {
        for await (const batch of streamEvents(db, filter, end)) {
          // One whose transaction ended in between is in none of the two.
          const ids = batch.flatMap(({ id }) => (told.has(id) ? [id] : []));
          yield (await findProofs(db, ids)).map((proof) => `${JSON.stringify(proof)}\n`).join('');
        }
      },
    },
  ];
}

const json = (value: unknown) => JSON.stringify(value, null, 2);

/**
 * What an auditor takes along about one rotation, or a credential and a time: the events with their leaf hashes, a report
 * to print, the proofs that the events are in the sealed log, and a manifest that sums them up and is signed. It is an export, and
 * told as one.
 */
export const bundleEvidence = useCase(
  {
    name: 'bundle-evidence',
    may: ['auditor', 'admin'],
    stepUp: false,
    scope: 'credential',
    looks: true,
    input,
  },
  async (context, given) => {
    const { actor, db } = context;
    const { query, ...subject } = await subjectOf(context, given);
    const end = await endOfNow(db);
    const evidence = await gatherRotations(db, subject);
    if (evidence === null) {
      throw notFound('credential');
    }
    const { filter } = await questionOf(db, actor, query);
    const { rows } = await db.pool.query<{ now: Date }>('select rekey_now() as now');
    const made = rows[0]?.now ?? new Date();
    const madeAt = made.toISOString();
    const [from, until] = [subject.from?.toISOString() ?? null, subject.until?.toISOString() ?? madeAt];
    const version = productVersion();
    const range = `${from ?? 'the beginning'} to ${until}`;
    const heading = { query, range, madeAt, madeBy: actor.name, version };
    const { credential, rotations, detached } = evidence;
    const about = {
      ...{ product: 'rekey', version, madeAt, madeBy: { id: actor.id, name: actor.name } },
      ...{ credential, credentialId: subject.credentialId, rotationId: subject.rotationId },
      ...{ query, range: { from, until }, detached },
    };
    const parts = await tellExport(db, actor, { query, format: 'bundle' }, (counter) => {
      const files = [
        { name: 'README.txt', parts: () => [readMe] },
        { name: 'report.html', parts: () => [reportOf(heading, evidence)] },
        ...evidenceFiles(db, filter, end, counter),
      ];
      return zipOf(files, made, {
        manifestOf: (sums) => {
          const counts = { events: counter.count, rotations: rotations.length };
          return json({ ...about, counts, files: sums });
        },
        signatureOf: (manifest) => json(signBundle(manifest, auditKey())),
      });
    });
    return { type: 'application/zip', name: credential, parts };
  },
);
