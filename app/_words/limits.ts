import type { Scope } from '#core/access/actor.ts';

/* What people and API clients are limited to. */

/** The inputs for what somebody is limited to. */
export const limitFields = {
  environments: 'Environments',
  environmentsHint: 'Separated by commas; empty for all.',
  labels: 'Labels',
  labelsHint: 'A credential with one of them; empty for all.',
};

/** What somebody is limited to, as the end of a line; nothing where nothing limits them. */
export function limitedTo({ environments, labels }: Scope): string {
  const parts = [
    environments.length > 0 ? `only ${environments.join(', ')}` : '',
    labels.length > 0 ? `only with the label ${labels.join(' or ')}` : '',
  ];
  return parts
    .filter(Boolean)
    .map((part) => ` · ${part}`)
    .join('');
}
