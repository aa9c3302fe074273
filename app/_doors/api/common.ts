import { z } from 'zod';

/** An id in an answer or a body. */
export const id = z.uuid();

/** An instant in UTC, as in RFC 3339. */
export const instant = z.iso.datetime().meta({ examples: ['2026-11-28T13:00:00.000Z'] });

/** Why somebody does something; the audit keeps it. */
export const reason = z
  .string()
  .trim()
  .min(1, 'Say why; the audit keeps it.')
  .max(500)
  .meta({ description: 'Why. The audit keeps it.' });

/** For actions whose reason may be left out. */
export const maybeReason = z.strictObject({ reason: reason.optional() });

/** For actions that have to say why. */
export const givenReason = z.strictObject({ reason });

/** What was made. */
export const config = z.record(z.string(), z.unknown());

/** What asking the outside found. */
export const checkResult = z
  .object({
    ok: z.boolean(),
    message: z.string().meta({ description: 'What is missing, or that all is well, as a sentence.' }),
  })
  .meta({ id: 'CheckResult' });

const formField = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    type: z.enum(['text', 'secret', 'number', 'boolean', 'choice', 'url', 'lines']),
    required: z.boolean(),
    default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly()]).nullable(),
    choices: z.array(z.union([z.string(), z.number()])).readonly(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    whole: z.boolean(),
    rare: z.boolean(),
    list: z.boolean(),
  })
  .meta({ id: 'FormField', description: 'One field of a config or a place.' });

/** The fields of a config or a place, in the order in which people fill them in. */
export const form = z.array(formField).readonly();
