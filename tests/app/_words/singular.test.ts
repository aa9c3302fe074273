import fs from 'node:fs';
import { parseAst } from 'rolldown/parseAst';
import { expect, test } from 'vitest';
import { verifyFound } from '#app/_words/audit.ts';
import { runWords } from '#app/_words/calendar.ts';
import { sentenceOf } from '#app/_words/events.ts';
import { secretAges } from '#app/_words/overview.ts';
import { policyArchive } from '#app/_words/policies.ts';
import { rhythmWords, sentencesOf } from '#app/_words/rhythm.ts';
import { ownSecondFactor } from '#app/_words/settings.ts';

/* One of something is told in the singular. */

interface Node {
  type: string;
  [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

const nodes = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

const nameOf = (node: unknown) => (isNode(node) ? String(node.name ?? node.value ?? '') : '');

/** Whether every parameter of a function is a number, and there is one. */
function takesNumbers({ params }: Node): boolean {
  const all = nodes(params);
  return (
    all.length > 0 &&
    all.every(
      ({ typeAnnotation: of }) =>
        isNode(of) && isNode(of.typeAnnotation) && of.typeAnnotation.type === 'TSNumberKeyword',
    )
  );
}

/** The places of such functions within what a module exports: `['batchProgress', 'others', 'failed']`. */
function placesIn(name: string, node: unknown): string[][] {
  if (!isNode(node)) {
    return [];
  }
  if (node.type === 'TSAsExpression' || node.type === 'TSSatisfiesExpression') {
    return placesIn(name, node.expression);
  }
  if (node.type === 'ObjectExpression') {
    return nodes(node.properties).flatMap(({ key, value }) =>
      placesIn(nameOf(key), value).map((place) => [name, ...place]),
    );
  }
  return /Function/.test(node.type) && takesNumbers(node) ? [[name]] : [];
}

function exportedPlaces(source: string): string[][] {
  return nodes(parseAst(source, { lang: 'ts' }).body)
    .filter(({ type }) => type === 'ExportNamedDeclaration')
    .flatMap(({ declaration }) => {
      if (!isNode(declaration)) return [];
      if (declaration.type === 'FunctionDeclaration') return placesIn(nameOf(declaration.id), declaration);
      return nodes(declaration.declarations).flatMap(({ id, init }) => placesIn(nameOf(id), init));
    });
}

const folder = 'app/_words';

async function saidOfOne(): Promise<{ place: string; said: string }[]> {
  const said: { place: string; said: string }[] = [];
  for (const file of fs.readdirSync(folder)) {
    const module: unknown = await import(`../../../app/_words/${file.replace(/\.ts$/, '')}.ts`);
    for (const path of exportedPlaces(fs.readFileSync(`${folder}/${file}`, 'utf8'))) {
      const found = path.reduce((of, key) => (of as Record<string, unknown>)[key], module);
      const words = found as (...numbers: number[]) => unknown;
      said.push({ place: `${file}: ${path.join('.')}`, said: String(words(...Array(words.length).fill(1))) });
    }
  }
  return said;
}

/** What ends in s after a one and is right: a verb, and a range, which ends with a plural. */
const isRight = (said: string) => /\b1 (is|has|was)\b|\d–1 days$/.test(said);

test('nothing that takes a number says a plural for one', async () => {
  const said = await saidOfOne();
  expect(said.length).toBeGreaterThan(60);
  const wrong = said.filter(
    (one) => /\b1 (later |more |sealed )?\w+s\b/.test(one.said) && !isRight(one.said),
  );
  expect(wrong).toEqual([]);
});

test('what is told of one event, row, code or credential is told as one', () => {
  expect(verifyFound.allSealed(1)).toBe('The one sealed event is as it was written, and none is missing.');
  expect(verifyFound.allSealed(1200)).toContain('All 1,200 sealed events are');
  expect(verifyFound.before(1)).toContain('The one event before it is as it was written.');
  expect(ownSecondFactor.on(1)).toBe('On. 1 of 10 recovery codes is left.');
  expect(secretAges.old(1, 8)).toBe('1 of 8 secrets in use is 90 days old or older.');
  expect(policyArchive.about(1)).toContain('1 credential loses it, and rotates only');
  expect(sentenceOf('database.backed_up', { rows: 1 })).toBe('Made a backup of 1 row.');
  expect(sentenceOf('database.resumed', { readBy: 'Anna', unproven: 1 })).toContain(
    '1 credential stays paused.',
  );
  expect(sentenceOf('batch.resumed', { waiting: 1 })).toBe(
    'Let a batch go on with the one credential that waits.',
  );
  expect(sentenceOf('audit.verified', { ok: true, events: 1 })).toContain('Verified 1 event of');
});

test('a cron expression with a step of one is told as every one', () => {
  const told = (cron: string) => rhythmWords({ cron, timeZone: 'UTC' });
  expect(told('*/1 * * * *')).toBe('Every minute, UTC');
  expect(told('5 */1 * * *')).toBe('Every hour, at minute 5, UTC');
  expect(told('5 */2 * * *')).toBe('Every 2 hours, at minute 5, UTC');
});

test('a run that would be skipped says why, in words', () => {
  const run = { isSet: true, movedBy: null, pausedBy: 'issuer' } as const;
  expect(runWords(run)).toEqual(['would be skipped now, because its issuer is paused']);
});

test('sentences that say nothing leave no gap', () => {
  expect(sentencesOf(['Every 30 days.', '', '', 'The old version is retired at once.'])).toBe(
    'Every 30 days. The old version is retired at once.',
  );
});
