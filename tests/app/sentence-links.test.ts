import fs from 'node:fs';
import { expect, test } from 'vitest';

/** Parts of sentences that are links with a box of their own. */
const boxed = (source: string) => source.match(/\b\w+: <TextLink\b|\b\w+: \(\s*<TextLink\b/g) ?? [];

test('a link that is part of a sentence breaks with it, and none has a box of its own', () => {
  const files = fs
    .readdirSync('app', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.tsx'));
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) =>
    boxed(fs.readFileSync(`app/${file}`, 'utf8')).map((part) => `${file}: ${part}`),
  );
  expect(found).toEqual([]);
  expect(boxed('fill(words.how, { list: <TextLink href="/">{words.list}</TextLink> })')).toHaveLength(1);
});
