import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { bundleSignatureSchema, isBundleOf } from '#core/audit/bundle-signature.ts';
import { checkpointSchema } from '#core/audit/checkpoint.ts';
import { faultOfProof } from '#core/audit/inclusion.ts';
import { leafHash } from '#core/audit/merkle.ts';
import { linesOf } from '#lib/lines.ts';

/*
 * An evidence bundle is checked by what is in it: no database, no environment and no key of ours. So it is checked where an auditor
 * has unpacked it, whose files are then the ones that they read.
 */

const manifestSchema = z.object({
  counts: z.object({ events: z.number() }),
  files: z.array(z.object({ name: z.string().regex(/^[\w.-]+$/), bytes: z.number(), sha256: z.string() })),
});

type Manifest = z.output<typeof manifestSchema>;

const placeSchema = z.object({
  eventId: z.string(),
  seq: z.number().int(),
  path: z.array(z.string()),
  checkpoint: checkpointSchema,
  publicKey: z.string(),
});

type Place = z.output<typeof placeSchema>;

export interface CheckedBundle {
  /** What is wrong, as a sentence without its full stop; null where nothing is. */
  readonly fault: string | null;
  /** The key that has signed it; null where none has. */
  readonly keyId: string | null;
  readonly events: number;
  /** How many of them were sealed when it was made, and are proven. */
  readonly proven: number;
  /** The keys that have sealed those. */
  readonly sealedBy: readonly string[];
}

const MANIFEST = 'manifest.json';
const SIGNATURE = 'signature.json';

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

async function sumOf(file: string): Promise<string> {
  const sum = createHash('sha256');
  for await (const part of createReadStream(file)) sum.update(part);
  return sum.digest('hex');
}

/** Whether the files are those that the manifest names, byte for byte, and no others. */
async function faultOfFiles(folder: string, { files }: Manifest): Promise<string | null> {
  const named = new Set([MANIFEST, SIGNATURE, ...files.map(({ name }) => name)]);
  const found = await readdir(folder);
  const stray = found.find((name) => !named.has(name));
  if (stray !== undefined) return `${stray} is none of the files that the manifest names`;
  for (const { name, bytes, sha256 } of files) {
    if (!found.includes(name)) return `${name} is missing`;
    const file = path.join(folder, name);
    if ((await stat(file)).size !== bytes || (await sumOf(file)) !== sha256) return `${name} was altered`;
  }
  return ['events.jsonl', 'proofs.jsonl'].find((name) => !named.has(name)) === undefined
    ? null
    : 'the manifest names no events or no proofs';
}

function placeOf(line: Buffer): Place | null {
  try {
    return placeSchema.parse(JSON.parse(line.toString()));
  } catch {
    return null;
  }
}

/** The proofs in their order, each once. */
class Proofs {
  readonly #lines: AsyncGenerator<Buffer>;
  #next: Place | null | undefined;
  #read = 0;
  /** What is wrong with the line that was read last; nothing comes after it. */
  fault: string | null = null;

  constructor(file: string) {
    this.#lines = linesOf(createReadStream(file));
  }

  /** The one that is next, without taking it; null at the end. */
  async peek(): Promise<Place | null> {
    if (this.#next === undefined) {
      const { value, done } = await this.#lines.next();
      this.#next = done === true ? null : placeOf(value);
      this.#read += 1;
      if (done !== true && this.#next === null) this.fault = `line ${this.#read} of proofs.jsonl is no proof`;
    }
    return this.#next;
  }

  take(): void {
    this.#next = undefined;
  }
}

const eventLine = /^\{"id":"(\d+)","leaf":"([0-9a-f]{64})","body":(\{.*\})\}$/s;

/** Works out each leaf from its event, and holds each event against its proof. */
async function checkEvents(folder: string, { counts }: Manifest): Promise<Omit<CheckedBundle, 'keyId'>> {
  const proofs = new Proofs(path.join(folder, 'proofs.jsonl'));
  const sealedBy = new Set<string>();
  let [events, proven] = [0, 0];
  const ended = (fault: string | null) => ({ fault, events, proven, sealedBy: [...sealedBy] });
  for await (const line of linesOf(createReadStream(path.join(folder, 'events.jsonl')))) {
    const [, id = '', leaf, body = ''] = eventLine.exec(line.toString()) ?? [];
    if (leaf === undefined) return ended(`line ${events + 1} of events.jsonl is no event`);
    if (leafHash(body).toString('hex') !== leaf) return ended(`the body of event ${id} was altered`);
    events += 1;
    const place = await proofs.peek();
    if (proofs.fault !== null) return ended(proofs.fault);
    if (place?.eventId !== id) continue;
    const fault = faultOfProof({ ...place, body });
    if (fault !== null) return ended(`event ${id} is not proven: ${fault}`);
    proofs.take();
    proven += 1;
    sealedBy.add(place.checkpoint.keyId);
  }
  const left = await proofs.peek();
  if (proofs.fault !== null) return ended(proofs.fault);
  if (left !== null) return ended(`the event ${left.eventId} of a proof is missing`);
  return ended(events === counts.events ? null : `the manifest counts ${counts.events} events`);
}

/**
 * Checks an evidence bundle that was unpacked to a folder: the signature of its manifest, every file by the manifest, and each event by its
 * leaf and its proof. It answers the first thing that is wrong, and the keys to compare with those of the installation.
 */
export async function checkBundle(folder: string): Promise<CheckedBundle> {
  const wrong = (fault: string) => ({ fault, keyId: null, events: 0, proven: 0, sealedBy: [] });
  const file = path.join(folder, MANIFEST);
  const manifest = await readJson(file, manifestSchema);
  if (manifest === null) return wrong('it has no manifest.json of an evidence bundle');
  const signature = await readJson(path.join(folder, SIGNATURE), bundleSignatureSchema);
  if (signature === null) return wrong('it is not signed: signature.json is missing, or is none');
  if (!isBundleOf(await readFile(file), signature)) {
    return wrong('the signature does not fit: manifest.json or signature.json was altered');
  }
  const { keyId } = signature;
  const fault = await faultOfFiles(folder, manifest);
  return fault === null ? { ...(await checkEvents(folder, manifest)), keyId } : { ...wrong(fault), keyId };
}
