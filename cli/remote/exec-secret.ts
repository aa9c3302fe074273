import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Api, RemoteError } from '#cli/remote/api.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** Less than a call takes at most, so that a question that waits is answered. */
const WAIT_SECONDS = 20;
const REPORT_MS = 10_000;
const RETRY_MS = [1000, 2000, 5000, 15_000];

const entries = z.record(
  z.string(),
  z.string().transform((value) => new Plaintext(value)),
);
const served = z.object({ version: z.string(), entries });
const answer = served.extend({ next: served.optional() });

/** What is served to a binding. */
export interface Held extends z.output<typeof answer> {
  /** The `ETag`: names the version, and the one beside it. */
  readonly tag: string;
}

/** A line for the person. Standard output is the program's. */
export const say = (line: string) => console.error(`rekey: ${line}`);

const binding = z.object({ id: z.string(), credential: z.string(), target: z.string(), kind: z.string() });
const page = z.object({ items: z.array(binding), nextCursor: z.string().nullable() });

/** The id of a binding: given itself, or as the name of its credential, with `/TARGET` where it has several that are fetched. */
export async function findBinding(api: Api, given: string): Promise<string> {
  if (z.uuid().safeParse(given).success) return given;
  const query = new URLSearchParams({ limit: '100' });
  const found: z.output<typeof binding>[] = [];
  for (let more = true; more; ) {
    const { items, nextCursor } = page.parse((await api.get(`/bindings?${query}`)).body);
    found.push(...items.filter(({ kind }) => kind === 'pull'));
    query.set('cursor', nextCursor ?? '');
    more = nextCursor !== null;
  }
  const fitting = found.filter(
    ({ credential, target }) => given === credential || given === `${credential}/${target}`,
  );
  const [one, another] = fitting;
  if (one === undefined) {
    throw new RemoteError(
      `No binding of ${given} is fetched from, or this API client may not see it. Give the id of the binding, or CREDENTIAL/TARGET.`,
    );
  }
  if (another !== undefined) {
    const ids = fitting.map(({ id, credential, target }) => `  ${id}  ${credential}/${target}`);
    throw new RemoteError(
      `${given} has several bindings that are fetched from. Say which:\n${ids.join('\n')}`,
    );
  }
  return one.id;
}

/** What is served now. With the tag of what one has it waits, and null says that nothing else came. */
export async function fetchSecret(
  api: Api,
  bindingId: string,
  asked: { has?: string; signal?: AbortSignal } = {},
): Promise<Held | null> {
  const { has, signal } = asked;
  const path = `/bindings/${bindingId}/secret${has === undefined ? '' : `?wait=${WAIT_SECONDS}`}`;
  const { status, body, headers } = await api.get(path, {
    ...(has === undefined ? {} : { headers: { 'if-none-match': has } }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (status === 304) return null;
  return { ...answer.parse(body), tag: headers.get('etag') ?? '' };
}

const pause = (tried: number, signal: AbortSignal) =>
  sleep(RETRY_MS[Math.min(tried, RETRY_MS.length) - 1], undefined, { signal }).catch(() => undefined);

/**
 * Waits for something else than what one has. While Rekey is away, or refuses, it says so once and asks on: the program has
 * what it needs. Null once `signal` ends it.
 */
export async function waitForOther(
  api: Api,
  bindingId: string,
  has: string,
  signal: AbortSignal,
): Promise<Held | null> {
  for (let tried = 0; !signal.aborted; ) {
    try {
      const other = await fetchSecret(api, bindingId, { has, signal });
      if (tried > 0) say('Rekey answers again.');
      tried = 0;
      if (other !== null) return other;
    } catch (error) {
      if (signal.aborted) break;
      if (tried === 0) say(`${sentenceOf(error)} The program goes on with the version that it has.`);
      tried += 1;
      await pause(tried, signal);
    }
  }
  return null;
}

/** Reports that the program was started with a version, and tries again while nobody answers, until `signal`. A refusal is final. */
export async function report(
  api: Api,
  bindingId: string,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await api.post(
        `/bindings/${bindingId}/reports`,
        { version },
        { signal: AbortSignal.timeout(REPORT_MS) },
      );
      return;
    } catch (error) {
      const isFinal = error instanceof RemoteError && error.status !== null && error.status < 500;
      if (isFinal || tried === 1) {
        const next = isFinal ? 'It is not tried again.' : 'It is tried again.';
        say(`That the version is in use could not be reported: ${sentenceOf(error)} ${next}`);
      }
      if (isFinal || signal.aborted) return;
    }
    await pause(tried, signal);
  }
}

/** What went wrong. An error that is not ours may quote what was answered, so only that there was one is told. */
export const sentenceOf = (error: unknown) =>
  error instanceof RemoteError ? error.message : 'What Rekey answered could not be read.';
