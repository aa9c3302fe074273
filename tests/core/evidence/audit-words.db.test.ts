import { expect, test } from 'vitest';
import { wordsOf } from '#core/evidence/words.ts';
import { db } from '#lib/db.ts';

const CUT = 20_000;

async function storedWords(texts: readonly string[]): Promise<string[]> {
  const body = JSON.stringify({
    at: '2026-11-28T10:00:00.000Z',
    action: 'step.failed',
    credentialId: 'hidden',
    told: texts,
    actor: { id: 'hidden' },
  });
  const { rows } = await db().pool.query<{ words: string[] }>(
    'select tsvector_to_array(audit_words($1::jsonb::text)) as words',
    [body],
  );
  return rows[0]?.words ?? [];
}

const expected = (texts: readonly string[]) =>
  [...new Set(wordsOf([...texts.join(' ')].slice(0, CUT).join('')))].sort();

test.each([
  ['plain names', ['Cluster 4', 'service-17 is Ready']],
  ['nothing', []],
  ['quotes and commas', ['say "no", or', 'a","b']],
  [
    'characters that JSON escapes',
    ['first\nsecond\tthird', 'C:\\new\\users', '\u0001begin\u001fend', 'back\bfeed\f'],
  ],
  ['letters beyond ASCII', ['Zürich ÄRGER naïve', '東京 🔑key']],
  ['a text longer than what is kept', ['word '.repeat(3990), 'kept', 'word '.repeat(20), 'lost']],
  [
    'many short texts whose quotes make them longer than what is kept',
    Array.from({ length: 3900 }, (_, n) => `${n}`),
  ],
  ['a word that is too long', ['x'.repeat(3000), 'after']],
])('the words of an event are those that a search is taken apart into: %s', async (_what, texts) => {
  expect((await storedWords(texts)).sort()).toEqual(expected(texts));
});
