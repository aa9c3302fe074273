import { z } from 'zod';
import { credentialFilter, credentialOrders } from '#core/access/credential-filter.ts';
import { Problem } from '#lib/problem.ts';

const { issuerId, targetId, ...words } = credentialFilter.shape;

/** What the address of the list of credentials can ask for, by the names that it has there. */
const askable = z.strictObject({
  ...words,
  issuer: issuerId,
  target: targetId,
  sort: z.enum(credentialOrders).optional(),
});

/**
 * What the address of the list asks for as one line, the same for equal filters: sorted, without the place in its pages, and
 * with the environment, so that it shows everybody the same wherever their switch stands. Empty where nothing is asked for.
 */
export function formatCredentialLine(asked: Readonly<Record<string, string | undefined>>): string {
  const said = Object.entries(asked).flatMap(([name, value = '']) => {
    const text = value.trim();
    return text === '' || name === 'after' || (name === 'environment' && text === 'all')
      ? []
      : [[name, text] as const];
  });
  if (said.length === 0) {
    return '';
  }
  const line = new URLSearchParams([...new Map([['environment', 'all'], ...said])]);
  line.sort();
  return String(line);
}

const refused = (message: string) => new Problem(422, 'bad_query', message, {}, { q: message });

/** The line of what stands behind the `?` of the list's address. A filter that asks for nothing, or is not understood, is refused. */
export function readCredentialLine(query: string): string {
  const given = [...new URLSearchParams(query)];
  const asked = Object.fromEntries(given);
  const line = formatCredentialLine(asked);
  if (line === '') {
    throw refused('This filter asks for nothing, and nothing was saved. Filter the list first.');
  }
  const understood = askable.safeParse(Object.fromEntries(new URLSearchParams(line)));
  if (!understood.success || Object.keys(asked).length < given.length || line.includes('%00')) {
    throw refused(
      'The list of credentials does not understand this filter, and nothing was saved. Filter the list again and save what it shows.',
    );
  }
  return line;
}
