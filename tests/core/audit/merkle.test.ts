import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leafHash, leafHashesOfLines, nodeHash, pathOf, rootFromPath, rootOf } from '#core/audit/merkle.ts';

/* The vectors of the Certificate Transparency reference implementation of RFC 6962 (google/certificate-transparency, merkle tests). */

const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const leaves = inputs.map((hex) => leafHash(Buffer.from(hex, 'hex')));
const hex = (bytes: Buffer | null) => bytes?.toString('hex');

test.each([
  [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
])('the tree over the first %i leaves of RFC 6962 has its published root', (size, root) => {
  expect(hex(rootOf(leaves.slice(0, size)))).toBe(root);
});

test.each([
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
])('the path of leaf %i in the tree of %i is the published one', (index, size, path) => {
  expect(pathOf(leaves.slice(0, size), index).map(hex)).toEqual(path);
});

/** The definition as the RFC writes it, split at the largest power of two below the size. */
function definition(content: readonly Buffer[]): Buffer {
  if (content.length <= 1) return leafHash(content[0] ?? Buffer.alloc(0));
  const split = 2 ** Math.ceil(Math.log2(content.length) - 1);
  return nodeHash(definition(content.slice(0, split)), definition(content.slice(split)));
}

const contents = fc.array(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  {
    minLength: 1,
    maxLength: 70,
  },
);
const place = fc.nat({ max: 10_000 });

test('a tree of any size has the root that the definition of RFC 6962 gives it', () => {
  fc.assert(
    fc.property(contents, (content) => {
      expect(hex(rootOf(content.map(leafHash)))).toBe(hex(definition(content)));
    }),
  );
});

test('the path of every leaf leads to the root', () => {
  fc.assert(
    fc.property(contents, place, (content, n) => {
      const [hashes, index] = [content.map(leafHash), n % content.length];
      const leaf = hashes[index] ?? Buffer.alloc(0);
      const way = { index, size: content.length, path: pathOf(hashes, index) };
      expect(hex(rootFromPath(leaf, way))).toBe(hex(rootOf(hashes)));
    }),
  );
});

test('another leaf, another place, or a path with a step changed, missing or more does not lead to the root', () => {
  fc.assert(
    fc.property(contents, place, place, fc.nat({ max: 255 }), (content, n, m, bit) => {
      // Every content once, since the same content at two places has the same leaf.
      const hashes = content.map((bytes, at) => leafHash(Buffer.concat([bytes, Buffer.from([at])])));
      const [size, index] = [hashes.length, n % hashes.length];
      const leaf = hashes[index] ?? Buffer.alloc(0);
      const path = pathOf(hashes, index);
      const root = hex(rootOf(hashes));
      const reaches = (other: Buffer, way: Partial<Parameters<typeof rootFromPath>[1]>) =>
        hex(rootFromPath(other, { index, size, path, ...way })) === root;
      const flip = (bytes: Buffer) => {
        const copy = Buffer.from(bytes);
        copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return copy;
      };
      const at = m % Math.max(1, path.length);
      expect(reaches(leaf, {})).toBe(true);
      expect(reaches(flip(leaf), {})).toBe(false);
      expect(reaches(leaf, { path: [...path, leaf] })).toBe(false);
      expect(reaches(leaf, { index: size })).toBe(false);
      if (path.length > 0) {
        expect(reaches(leaf, { path: path.slice(1) })).toBe(false);
        expect(reaches(leaf, { path: path.with(at, flip(path[at] ?? leaf)) })).toBe(false);
        expect(reaches(leaf, { index: (index + 1 + (m % (size - 1))) % size })).toBe(false);
      }
    }),
  );
});

test('contents on lines have the leaf hashes that each has by itself, empty ones and those beyond ASCII too', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), (contents) => {
      expect(leafHashesOfLines(contents.join('\n'))).toEqual(Buffer.concat(contents.map(leafHash)));
    }),
  );
});

test('a node cannot be passed off as a leaf', () => {
  const [left = Buffer.alloc(0), right = Buffer.alloc(0)] = leaves;
  expect(hex(leafHash(Buffer.concat([left, right])))).not.toBe(hex(nodeHash(left, right)));
});
