import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const app = path.resolve(import.meta.dirname, '../../app');

/** The folder of each layout below the outermost one. A layout's own error page stands inside it, so one above has to show its failure. */
const framed = fs
  .readdirSync(app, { recursive: true, encoding: 'utf8' })
  .filter((file) => path.basename(file) === 'layout.tsx')
  .map((file) => path.dirname(file))
  .filter((folder) => folder !== '.');

test('a page whose frame cannot be drawn is one of ours, which says what state things are in', () => {
  expect(framed).toContain('(console)');
  for (const folder of framed) {
    const above = path.dirname(folder);
    expect(fs.existsSync(path.join(app, above, 'error.tsx')), `${folder} has no error page above it`).toBe(
      true,
    );
  }
});
