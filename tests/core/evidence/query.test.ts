import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCreated } from '#core/evidence/created.ts';
import { formatQuery, knownActions, parseQuery, qualifiers, type Term } from '#core/evidence/query.ts';
import { wordsOf } from '#core/evidence/words.ts';

const messages = (line: string) => parseQuery(line).problems.map(({ message }) => message);

const free = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((text) => !text.includes('\0'));
const day = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const created = fc.oneof(
  day,
  day.map((from) => `${from}..`),
  day.map((until) => `..${until}`),
  fc.tuple(day, day).map((days) => days.toSorted().join('..')),
);

const term: fc.Arbitrary<Term> = fc.oneof(
  fc.record({ qualifier: fc.constantFrom('actor', 'credential', 'environment', 'request'), value: free }),
  fc.record({
    qualifier: fc.constant('action' as const),
    value: fc.oneof(fc.constantFrom(...knownActions), fc.constantFrom('rotation.*', 'step.f*', '*')),
  }),
  fc.record({ qualifier: fc.constant('outcome' as const), value: fc.constantFrom('success', 'failure') }),
  fc.record({ qualifier: fc.constant('rotation' as const), value: fc.uuid() }),
  fc.record({
    qualifier: fc.constant('text' as const),
    value: free.filter((text) => wordsOf(text).length > 0),
  }),
) as fc.Arbitrary<Term>;
const terms = fc
  .tuple(fc.array(term, { maxLength: 8 }), fc.option(created, { nil: undefined }))
  .map(([all, range]) =>
    range === undefined ? all : [...all, { qualifier: 'created' as const, value: range }],
  );

test('what is written as a line is taken apart into the same parts again', () => {
  fc.assert(
    fc.property(terms, (given) => {
      expect(parseQuery(formatQuery(given))).toEqual({ terms: given, problems: [] });
    }),
  );
});

test('any line is either understood whole or has a problem, and never throws', () => {
  const pieces = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('actor:', 'action:rotation.*', '"', '\\', ' ', ':', '..', 'created:2026-11-01', 'who:me'),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (all) => {
      const line = all.join('');
      const { terms: found, problems } = parseQuery(line);
      if (problems.length > 0) {
        expect(found).toEqual([]);
        for (const { message, part } of problems) {
          expect(message).toMatch(/[.)]$/);
          expect(line).toContain(part);
        }
      } else {
        expect(found.length === 0).toBe(line.trim() === '');
        expect(parseQuery(formatQuery(found)).terms).toEqual(found);
      }
    }),
    { numRuns: 500 },
  );
});

describe('a wrong part is named, with what there is instead', () => {
  test.each([
    ['who:anna', 'There is no qualifier “who:”. There are actor:, action:, credential:'],
    ['https://example.test', 'Put https://example.test in double quotes to search for it as text.'],
    [
      'action:rotation.done',
      'There is no action “rotation.done”. Those that begin with “rotation.” are rotation.requested,',
    ],
    ['action:nonsense', 'There is no action “nonsense”. There are user.*,'],
    ['outcome:failed', '“outcome:” knows success and failure, not “failed”.'],
    ['rotation:7', '“rotation:” wants the id of a rotation'],
    ['actor:', '“actor:” has no value. Who did it'],
    ['created:yesterday', '“created:yesterday” is no range.'],
    ['created:2026-02-30', '“created:2026-02-30” is no range.'],
    ['created:2026-11-02..2026-11-01', 'ends before it begins'],
    ['created:2026-11-01 created:2026-11-02', 'stands there more than once'],
    ['created:..', 'is no range'],
    ['created:2026-11-01..2026-11-02..2026-11-03', 'is no range'],
    ['actor:"Anna', 'The quote in actor:"Anna is not closed.'],
    ['-- …', 'There is no word to search for in --.'],
    ['x'.repeat(2001), 'at most 2000 characters'],
    ['a\0b', 'has no NUL'],
  ])('%s', (line, expected) => {
    expect(messages(line).join('\n')).toContain(expected);
  });
});

test('every qualifier is known to the help, whatever its case in the line', () => {
  for (const name of Object.keys(qualifiers)) {
    expect(messages(`${name.toUpperCase()}:`).join()).toContain(`“${name}:” has no value`);
  }
});

test('quotes keep what has spaces together, and what looks like a qualifier a text', () => {
  expect(parseQuery(' actor:"Anna \\"A\\" Smith"  "action:x"\tplain ').terms).toEqual([
    { qualifier: 'actor', value: 'Anna "A" Smith' },
    { qualifier: 'text', value: 'action:x' },
    { qualifier: 'text', value: 'plain' },
  ]);
});

test('a range includes its last day, and not the moment of an instant', () => {
  const at = (value: string) => {
    const range = parseCreated(value);
    return 'problem' in range ? range : [range.from?.toISOString(), range.until?.toISOString()];
  };
  expect(at('2026-11-01..2026-11-28')).toEqual(['2026-11-01T00:00:00.000Z', '2026-11-29T00:00:00.000Z']);
  expect(at('2026-11-28')).toEqual(['2026-11-28T00:00:00.000Z', '2026-11-29T00:00:00.000Z']);
  expect(at('2026-11-01..')).toEqual(['2026-11-01T00:00:00.000Z', undefined]);
  expect(at('..2026-12-31')).toEqual([undefined, '2027-01-01T00:00:00.000Z']);
  expect(at('2026-11-01T09:30Z..2026-11-01T10:00:00.500Z')).toEqual([
    '2026-11-01T09:30:00.000Z',
    '2026-11-01T10:00:00.500Z',
  ]);
});
