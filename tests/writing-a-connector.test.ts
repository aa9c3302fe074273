import fs from 'node:fs';
import { expect, test } from 'vitest';

/* The code in docs/writing-a-connector.md is the code that the contract suite runs over in tests/connectors/example/. */

const guide = fs.readFileSync('docs/writing-a-connector.md', 'utf8');
const blocks = [...guide.matchAll(/^```ts\n([\s\S]*?)\n```$/gm)].map(([, code = '']) => code);
const example = (name: string) => fs.readFileSync(`tests/connectors/example/${name}`, 'utf8').trim();

test('the code of the guide is the example that is tested, word for word', () => {
  expect(`${blocks.slice(0, -1).join('\n\n')}`).toBe(example('keyhole.ts'));
  expect(blocks.at(-1)).toBe(example('world.ts').replace("'../worlds/world.ts'", "'./world.ts'"));
});

test('every file that the guide names exists, but for those it tells to write', () => {
  const named = [...guide.matchAll(/`((?:connectors|tests|docs)\/[\w./-]+\.ts)`/g)].map(
    ([, file = '']) => file,
  );
  const missing = named.filter((file) => !fs.existsSync(file));
  expect(named.length).toBeGreaterThan(5);
  expect(missing.filter((file) => !file.includes('keyhole'))).toEqual([]);
});
