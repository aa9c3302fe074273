import type { Change } from '#cli/apply/change.ts';

const signs = { create: '+', change: '~', differs: '!' } as const;

const shown = (text: string) => text.replaceAll(/\s*\n\s*/g, ' ⏎ ');

/** A change, with a line for each field. */
export function linesOf({ action, what, name, lines }: Change): string[] {
  return [
    `${signs[action]} ${what} ${name}`,
    ...lines.map(({ field, from, to }) => {
      const now = shown(to ?? 'none');
      return `    ${field}: ${from === null && action === 'create' ? now : `${shown(from ?? 'none')} → ${now}`}`;
    }),
    ...(action === 'differs' ? ['    This cannot be changed by apply, and is left as it is.'] : []),
  ];
}

const count = (n: number, one: string) => `${n} ${one}${n === 1 ? '' : 's'}`;

/** The whole difference. */
export function showPlan(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Nothing to do: all of it is as the file says.';
  const of = (action: Change['action']) => changes.filter((one) => one.action === action).length;
  const sums = [
    `${of('create')} to create`,
    `${of('change')} to change`,
    `${count(of('differs'), 'difference')} to leave`,
  ];
  return [...changes.flatMap(linesOf), '', `${sums.join(', ')}. Nothing rotates.`].join('\n');
}

/** The same for programs. */
export function asJson(changes: readonly Change[], done: number) {
  const first = new Set(changes.filter(({ send }) => send !== undefined).slice(0, done));
  return changes.map((one) => {
    const { action, what, name, lines } = one;
    return { action, what, name, fields: lines, done: first.has(one) };
  });
}
