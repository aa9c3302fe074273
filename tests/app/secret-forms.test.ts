import fs from 'node:fs';
import { expect, test } from 'vitest';

/** A form's opening tag, which may hold arrows of functions. */
const opening = /<form\b(?:=>|[^>])*>/g;
const asksForSecret = /type="password"|<SecretInput\b/;

const files = fs
  .readdirSync('app', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.tsx'))
  .map((name) => ({ name, text: fs.readFileSync(`app/${name}`, 'utf8') }));

test('a form that asks for a password or a secret posts also before its script has loaded, so that none comes into an address', () => {
  const forms = files
    .filter(({ text }) => asksForSecret.test(text))
    .flatMap(({ name, text }) => [...text.matchAll(opening)].map(([tag]) => ({ name, tag })));
  expect(forms.length).toBeGreaterThan(3);
  expect(forms.filter(({ tag }) => !tag.includes('method="post"'))).toEqual([]);
});
