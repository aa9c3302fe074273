import { hash } from 'node:crypto';

/*
 * Merkle trees as RFC 6962 (2.1) and RFC 9162 (2.1) have them, with SHA-256. Leaf and node hashes begin with different
 * bytes, so that a node can never be passed off as a leaf.
 */

const sha256 = (bytes: Buffer) => hash('sha256', bytes, 'buffer');

/** The hash of a leaf's content: SHA-256(0x00 ‖ content). */
export function leafHash(content: string | Buffer): Buffer {
  const size = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
  const bytes = Buffer.allocUnsafe(size + 1);
  bytes[0] = 0;
  if (typeof content === 'string') bytes.write(content, 1, 'utf8');
  else content.copy(bytes, 1);
  return sha256(bytes);
}

/**
 * The leaf hashes of many contents, each a line of this text, one after the other in one buffer. Quicker than one by one, where each
 * content is copied and each hash has memory of its own.
 */
export function leafHashesOfLines(lines: string): Buffer {
  const bytes = Buffer.from(`\n${lines}\n`);
  const hashes: string[] = [];
  for (let start = 0; start < bytes.length - 1; ) {
    const end = bytes.indexOf(10, start + 1);
    bytes[start] = 0;
    hashes.push(hash('sha256', bytes.subarray(start, end), 'hex'));
    start = end;
  }
  return Buffer.from(hashes.join(''), 'hex');
}

const scratch = Buffer.alloc(65, 1);

/** The hash of a node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  left.copy(scratch, 1);
  right.copy(scratch, 33);
  return sha256(scratch);
}

/**
 * One level up. A node without a partner moves up as it is, which makes the same tree as the RFC's split at the largest
 * power of two below the size.
 */
function parents(level: readonly Buffer[]): Buffer[] {
  const above: Buffer[] = [];
  for (let n = 0; n < level.length; n += 2) {
    const [left, right] = [level[n], level[n + 1]];
    if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
}

/** The root over leaf hashes, in their order. An empty tree has the hash of nothing. */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  let level = leaves;
  while (level.length > 1) level = parents(level);
  return level[0] ?? sha256(Buffer.alloc(0));
}

/** Every level of the tree, the leaves first and the root last: made once where many paths are wanted. */
export function levelsOf(leaves: readonly Buffer[]): (readonly Buffer[])[] {
  const levels = [leaves];
  for (let level = leaves; level.length > 1; ) {
    level = parents(level);
    levels.push(level);
  }
  return levels;
}

/** The audit path of one leaf: the partner at every level that has one, from the leaf up. Empty for an index that is not there. */
export function pathIn(levels: readonly (readonly Buffer[])[], index: number): Buffer[] {
  if (index < 0 || index >= (levels[0]?.length ?? 0)) return [];
  return levels.slice(0, -1).flatMap((level, height) => level[(index >> height) ^ 1] ?? []);
}

/** The audit path of one leaf among these. */
export function pathOf(leaves: readonly Buffer[], index: number): Buffer[] {
  return pathIn(levelsOf(leaves), index);
}

/**
 * The root that a leaf and its path lead to, in a tree of this size (RFC 9162, 2.1.3.2); null where the path has too many or
 * too few steps for this place. The leaf is in the tree exactly when this is the tree's root.
 */
export function rootFromPath(
  leaf: Buffer,
  { index, size, path }: { index: number; size: number; path: readonly Buffer[] },
): Buffer | null {
  if (index < 0 || index >= size) return null;
  let [at, last, root] = [index, size - 1, leaf];
  for (const partner of path) {
    if (last === 0 || partner.length !== 32) return null;
    if (at % 2 === 1 || at === last) {
      root = nodeHash(partner, root);
      while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1];
    } else {
      root = nodeHash(root, partner);
    }
    [at, last] = [at >> 1, last >> 1];
  }
  return last === 0 ? root : null;
}
