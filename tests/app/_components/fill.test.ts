import { createElement, type ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { fill } from '#app/_components/fill.tsx';

const drawn = (node: ReactNode) => renderToStaticMarkup(createElement('p', null, node));
const strong = (text: string) => createElement('strong', null, text);

test('a sentence keeps its words and has each part in its own place, in whatever order the parts are given', () => {
  const parts = { environment: strong('production'), name: strong('fleet-api') };
  expect(drawn(fill('Rotate {name} in {environment}, now.', parts))).toBe(
    '<p>Rotate <strong>fleet-api</strong> in <strong>production</strong>, now.</p>',
  );
  expect(drawn(fill('In {environment}, rotate {name} now.', parts))).toBe(
    '<p>In <strong>production</strong>, rotate <strong>fleet-api</strong> now.</p>',
  );
});

test('nothing comes between two places beside one another, and a place may begin and end the sentence', () => {
  expect(drawn(fill('{count}{unit}', { count: strong('3'), unit: ' h' }))).toBe(
    '<p><strong>3</strong> h</p>',
  );
});

test('a place may come twice', () => {
  expect(drawn(fill('{name} replaces {name}.', { name: 'v2' }))).toBe('<p>v2 replaces v2.</p>');
});

test('a sentence without places is told as it stands', () => {
  expect(drawn(fill('Nothing is rotating now.', {}))).toBe('<p>Nothing is rotating now.</p>');
});

test('braces in a part are text and no place', () => {
  expect(drawn(fill('{by}: {reason}', { by: 'Ada', reason: 'the {by} of before' }))).toBe(
    '<p>Ada: the {by} of before</p>',
  );
});
