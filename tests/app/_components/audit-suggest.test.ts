import { expect, test } from 'vitest';
import { complete, partAt, suggest } from '#app/_components/audit-suggest.ts';

const known = {
  qualifiers: { actor: 'Who', action: 'What', created: 'When' },
  actions: ['rotation.held', 'rotation.completed', 'secret.issued'],
  environments: ['pre production', 'production', 'staging'],
};

test('the part that the cursor stands in is what is completed, and the rest of the line stays', () => {
  expect(partAt('actor:anna act and more', 14)).toEqual({ start: 11, typed: 'act' });
  expect(complete('actor:anna act and more', 14, 'action:')).toEqual({
    line: 'actor:anna action:and more',
    cursor: 18,
  });
  expect(complete('action:rot', 10, 'action:rotation.*')).toEqual({ line: 'action:rotation.* ', cursor: 18 });
});

test('qualifiers, actions and their beginnings are suggested, and nothing for what is typed out', () => {
  expect(suggest('AC', known)).toEqual(['actor:', 'action:']);
  expect(suggest('action:rot', known)).toEqual([
    'action:rotation.*',
    'action:rotation.held',
    'action:rotation.completed',
  ]);
  expect(suggest('action:secret.issued', known)).toEqual([]);
  expect(suggest('outcome:f', known)).toEqual(['outcome:failure']);
  expect(suggest('', known)).toEqual([]);
  expect(suggest('fleet', known)).toEqual([]);
});

test('environments are suggested by the beginnings of their names, and quoted where they have spaces', () => {
  expect(suggest('environment:', known)).toEqual([
    'environment:"pre production"',
    'environment:production',
    'environment:staging',
  ]);
  expect(suggest('Environment:P', known)).toEqual(['environment:production']);
  expect(suggest('environment:staging', known)).toEqual([]);
});
