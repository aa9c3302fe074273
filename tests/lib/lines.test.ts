import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { linesOf } from '#lib/lines.ts';

async function read(...chunks: string[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(Readable.from(chunks.map((chunk) => Buffer.from(chunk)))))
    lines.push(String(line));
  return lines;
}

test('a line ends at a newline and nowhere else, wherever the chunks end', async () => {
  expect(await read('a\nb', 'c\n', '\nd')).toEqual(['a', 'bc', '', 'd']);
  expect(await read('a\u2028b\u2029c\rd\n')).toEqual(['a\u2028b\u2029c\rd']);
  expect(await read('ä'.repeat(3), 'ö\n')).toEqual(['äääö']);
  expect(await read()).toEqual([]);
});
