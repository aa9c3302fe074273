import { createHash } from 'node:crypto';
import { makeZip } from 'client-zip';

/** One file of a bundle: its content comes in parts, when they are asked for. */
export interface BundleFile {
  readonly name: string;
  readonly parts: () => AsyncIterable<string> | Iterable<string>;
}

export interface FileSum {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The files as one .zip, stored and not compressed, made while it is read. Manifest and signature are the last files: they are asked
 * for when the others have passed by, the manifest with the size and the SHA-256 of each.
 */
export function zipOf(
  files: readonly BundleFile[],
  lastModified: Date,
  {
    manifestOf,
    signatureOf,
  }: { manifestOf: (sums: readonly FileSum[]) => string; signatureOf: (manifest: string) => string },
): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder();
  const sums: FileSum[] = [];
  async function* summed({ name, parts }: BundleFile): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const part of parts()) {
      const chunk = encoder.encode(part);
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
    sums.push({ name, bytes, sha256: hash.digest('hex') });
  }
  async function* entries() {
    for (const file of files) {
      yield { name: file.name, lastModified, input: summed(file) };
    }
    const manifest = manifestOf(sums);
    yield { name: 'manifest.json', lastModified, input: manifest };
    yield { name: 'signature.json', lastModified, input: signatureOf(manifest) };
  }
  return readAll(makeZip(entries()));
}

async function* readAll(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      yield next.value;
    }
  } finally {
    await reader.cancel();
  }
}
