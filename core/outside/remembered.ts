import type { Plaintext } from '#lib/plaintext.ts';

interface Kept {
  readonly value: Promise<{ value: Plaintext; seconds: number }>;
  /** By this process's own clock, which nothing sets back. */
  until: number;
}

const MARGIN_SECONDS = 60;
const MOST = 1_000;
const kept = new Map<string, Kept>();

/**
 * What connectors asked to remember, under a name that belongs to one configured system. Calls that want the same value
 * at the same time make it once. What failed to be made is not kept.
 */
export async function remembered(
  name: string,
  make: () => Promise<{ value: Plaintext; seconds: number }>,
): Promise<Plaintext> {
  const found = kept.get(name);
  if (found !== undefined && found.until > performance.now()) {
    return (await found.value).value;
  }
  const entry: Kept = { value: make(), until: Number.POSITIVE_INFINITY };
  kept.delete(name);
  kept.set(name, entry);
  forgetOldest();
  try {
    const { value, seconds } = await entry.value;
    entry.until = performance.now() + Math.max(0, seconds - MARGIN_SECONDS) * 1000;
    return value;
  } catch (error) {
    if (kept.get(name) === entry) {
      kept.delete(name);
    }
    throw error;
  }
}

/**
 * Forgets what is remembered under names that begin so. A token carries the permissions that it was issued with: after a
 * refusal it must not outlive the permission that somebody grants then.
 */
export function forget(beginning: string): void {
  for (const name of kept.keys()) {
    if (name.startsWith(beginning)) {
      kept.delete(name);
    }
  }
}

function forgetOldest(): void {
  const [oldest] = kept.keys();
  if (kept.size > MOST && oldest !== undefined) {
    kept.delete(oldest);
  }
}
