import { z } from 'zod';
import type { Command } from '#cli/command.ts';
import { durationOf } from '#cli/duration.ts';
import { Api } from '#cli/remote/api.ts';
import { findCredential } from '#cli/remote/credentials.ts';
import { readSettings } from '#cli/remote/settings.ts';
import { Problem } from '#lib/problem.ts';

const plan = z.looseObject({
  credential: z.string(),
  issuer: z.string(),
  strategy: z.string(),
  why: z.string(),
  steps: z.array(z.object({ phase: z.string(), targets: z.array(z.string()) })),
  gracePeriod: z.string(),
  graceAfterUse: z.string().nullable(),
  gap: z.object({ seconds: z.number(), measured: z.boolean() }),
  pointOfNoReturn: z.string(),
  approvals: z.number(),
});

function planLines(found: z.output<typeof plan>): string[] {
  const { gap, approvals } = found;
  const from = gap.measured ? 'as earlier rotations had it' : 'an estimate';
  return [
    `${found.credential} at ${found.issuer}: ${found.strategy}`,
    found.why,
    ...found.steps.map(
      ({ phase, targets }) => `  ${phase}${targets.length === 0 ? '' : `: ${targets.join(', ')}`}`,
    ),
    `The old version is kept for ${found.gracePeriod}.`,
    ...(found.graceAfterUse === null
      ? []
      : [`It is kept for ${found.graceAfterUse} after the new one was seen in use, where that is sooner.`]),
    gap.seconds === 0 ? 'No gap.' : `Gap: ${gap.seconds} s, ${from}.`,
    `Point of no return: ${found.pointOfNoReturn}.`,
    ...(approvals === 0 ? [] : [`It waits for the approval of ${approvals} first.`]),
    'Nothing was changed.',
  ];
}

export const planCommand: Command = {
  words: ['plan'],
  operands: 1,
  usage: `rekey plan NAME [--grace 1d] [--grace-after-use 1h] [--json]
      says what a rotation of the credential would do; nothing is changed`,
  options: { grace: { type: 'string' }, 'grace-after-use': { type: 'string' }, json: { type: 'boolean' } },
  run: async ([name], values) => {
    if (name === undefined) throw new Problem(400, 'usage', 'It takes the NAME of a credential.');
    const api = new Api(readSettings());
    const wish = {
      gracePeriod: durationOf(values, 'grace'),
      graceAfterUse: durationOf(values, 'grace-after-use'),
    };
    const { body } = await api.post(`/credentials/${await findCredential(api, name)}/plan`, wish);
    console.log(
      values.json === true ? JSON.stringify(body, null, 2) : planLines(plan.parse(body)).join('\n'),
    );
  },
};
