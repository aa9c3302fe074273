import { z } from 'zod';

/** A TCP port, given as text. */
export const portText = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .pipe(z.number().max(65535));

/** Parses the environment of a sample process. On a missing or wrong variable it says which, and leaves with code 1. */
export function readEnvironment<Shape extends z.ZodObject>(shape: Shape): z.output<Shape> {
  const parsed = shape.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map((issue) => issue.path.join('.'));
  console.error(`Not started: set ${[...new Set(names)].join(', ')} to a valid value and start again.`);
  process.exit(1);
}
