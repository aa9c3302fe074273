import type { Call } from '#connectors/contract.ts';
import type { Plaintext } from '#lib/plaintext.ts';

/** The same call, remembering for good; `seconds` is what each made value was said to live. */
export function remembering<Config, Place>(call: Call<Config, Place>) {
  const kept = new Map<string, Plaintext>();
  const seconds: number[] = [];
  const remember: typeof call.remember = async (name, make) => {
    const there = kept.get(name);
    if (there !== undefined) return there;
    const made = await make();
    seconds.push(made.seconds);
    kept.set(name, made.value);
    return made.value;
  };
  return { call: { ...call, remember }, seconds };
}
