import { expect, test } from 'vitest';
import { actOnRotationCommands } from '#cli/remote/act-on-rotation.ts';
import { actions } from '#core/rotation/holds.ts';

/* `rekey rotations show` prints each action that can be done as a command, so each has to be one. */

const command = (action: string) => `rotations ${action.replaceAll('_', '-')}`;

test('every action that a rotation offers has a command, and every command an action', () => {
  const known = actOnRotationCommands.map(({ words }) => words.join(' '));
  expect(known.toSorted()).toEqual([...actions, 'break_glass'].map(command).toSorted());
});
