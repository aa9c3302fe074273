import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = [500, 1000, 2000, 5000];

/**
 * A `read` for `rotatingSecret` that fetches from Rekey, and waits there for the next version in the background. What was
 * fetched last is handed out while Rekey does not answer.
 *
 * @template {{ clientSecret: string, [field: string]: string }} K
 * @param {object} options
 * @param {string} options.url `https://rekey.example.com/api/v1/bindings/ID`
 * @param {() => string | Promise<string>} options.token An access token of the API client that was allowed for the binding.
 * @param {K} options.keys Field of the secret → key of the binding, for example `{ clientSecret: 'SCOUT_CLIENT_SECRET' }`.
 * @param {number} [options.waitSeconds] How long Rekey waits before it answers that nothing changed; 30 at most.
 * @param {typeof fetch} [options.fetch]
 */
export function fetchedSecret({ url, token, keys, waitSeconds = 30, fetch: ask = fetch }) {
  const stop = new AbortController();
  let held;
  let etag;
  let reports = 0;

  const pause = (failures) =>
    sleep(RETRY_MS[Math.min(failures, RETRY_MS.length) - 1], undefined, { signal: stop.signal }).catch(
      () => undefined,
    );

  const request = async (path, init = {}) => {
    const authorization = `Bearer ${await token()}`;
    const headers = { ...init.headers, authorization };
    const ending = new AbortController();
    const end = () => ending.abort();
    if (stop.signal.aborted) end();
    stop.signal.addEventListener('abort', end);
    // Longer than Rekey waits: a connection that died is not waited for.
    const timer = setTimeout(end, (waitSeconds + 15) * 1000);
    try {
      const {
        ok,
        status,
        headers: told,
        ...answer
      } = await read(ask(`${url}${path}`, { ...init, headers, signal: ending.signal }));
      if (ok || status === 304) return { status, etag: told.get('etag') ?? undefined, ...answer };
      throw Object.assign(new Error(`Rekey answered ${status}.`), { status });
    } finally {
      clearTimeout(timer);
      stop.signal.removeEventListener('abort', end);
    }
  };

  const take = async () => {
    const known = etag === undefined ? {} : { 'if-none-match': etag };
    const answer = await request(`/secret?wait=${etag === undefined ? 0 : waitSeconds}`, { headers: known });
    if (answer.status === 304) return;
    const { next, ...primary } = JSON.parse(answer.text);
    held = { primary: fieldsOf(primary, keys), next: next ? fieldsOf(next, keys) : null };
    etag = answer.etag;
  };

  const first = take();
  // Whoever reads is told of it.
  first.catch(() => undefined);

  const follow = async () => {
    let failures = (await first.then(
      () => true,
      () => false,
    ))
      ? 0
      : 1;
    while (!stop.signal.aborted) {
      if (failures > 0) await pause(failures);
      failures = await take().then(
        () => 0,
        () => failures + 1,
      );
    }
  };
  const following = follow();

  return {
    /** What was fetched last. Throws while nothing was fetched yet and Rekey refuses or does not answer. */
    read: async () => {
      if (held === undefined) await first.catch(() => (stop.signal.aborted ? undefined : take()));
      return held;
    },
    /**
     * To be given to `rotatingSecret`: tells Rekey which version worked, again until that has arrived, another version is
     * reported or `close` is called: a rotation may wait for it. Throws where Rekey refuses it for good.
     *
     * @param {{ versionId: string | null, slot: 'primary' | 'next' | null }} using
     */
    report: async ({ versionId }) => {
      reports += 1;
      const number = reports;
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify({ version: versionId }) };
      for (let failures = 1; number === reports && !stop.signal.aborted; failures += 1) {
        try {
          await request('/reports', init);
          return;
        } catch (error) {
          if (isFinal(error)) throw error;
        }
        await pause(failures);
      }
    },
    /** Ends the waiting. */
    close: async () => {
      stop.abort();
      await following;
    },
  };
}

/** Whether the same would be refused again; with another access token, or once Rekey has time, it may not be. */
function isFinal(error) {
  const status = error?.status;
  return status >= 400 && status < 500 && status !== 401 && status !== 429;
}

/** An answer with its whole body, so that what ends the question ends the reading, too. */
async function read(asked) {
  const answer = await asked;
  return { ok: answer.ok, status: answer.status, headers: answer.headers, text: await answer.text() };
}

function fieldsOf({ version, entries }, keys) {
  const pairs = Object.entries(keys).map(([field, key]) => {
    const value = entries[key];
    if (typeof value === 'string') return [field, value];
    throw Object.assign(new Error(`The binding has no key ${key}.`), { missingKey: key });
  });
  return { ...Object.fromEntries(pairs), versionId: version };
}
