import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';

const MAX_TRIES = 3;

/**
 * @typedef {{ versionId: string | null, slot: 'primary' | 'next' | null }} Using Null until a secret has worked, and
 *   `versionId` also where the source names none.
 */

/**
 * A secret that may be replaced at any time. The source is read again before every use and after every refusal, so
 * nothing has to be restarted; where it holds a next value beside the primary one, that is used once the primary one
 * is refused. Any number of uses may run at once.
 *
 * @template {{ clientSecret: string, versionId?: string | null }} S
 * @param {object} options
 * @param {() => { primary: S, next?: S | null } | Promise<{ primary: S, next?: S | null }>} options.read What the source
 *   holds now; `envFile` makes one. Uses that wait for it share one reading.
 * @param {(outcome: unknown) => boolean} [options.isRefused] Whether what a use threw or returned says that the secret
 *   is wrong. Unless told: its `error` or `code` is `invalid_client`.
 * @param {(using: Using) => unknown} [options.report] Called once whenever another version or slot is used than before.
 *   Its own failure is dropped.
 */
export function rotatingSecret({ read, isRefused = isInvalidClient, report = () => undefined }) {
  const readAgain = oneAtATime(read);
  /** @type {Using} */
  let using = { versionId: null, slot: null };
  /** @type {string | undefined} The primary value that was refused where the next one worked. */
  let dead;
  let tries = 0;
  let newest = 0;

  const noteWorked = (number, { slot, secret, primary }) => {
    // An answer that was under way for longer says less about now.
    if (number < newest) return;
    newest = number;
    dead = slot === 'next' ? primary.clientSecret : undefined;
    const { versionId = null } = secret;
    if (using.versionId === versionId && using.slot === slot) return;
    using = { versionId, slot };
    Promise.resolve({ versionId, slot })
      .then(report)
      .catch(() => undefined);
  };

  const attempt = async (candidate, call) => {
    tries += 1;
    const number = tries;
    const outcome = await settled(call, candidate.secret);
    const refused = isRefused(outcome.threw ? outcome.error : outcome.value);
    if (!refused && !outcome.threw) noteWorked(number, candidate);
    return { ...outcome, refused };
  };

  /**
   * Calls with the secret in use. When that is refused, the source is read again and what else it holds is tried, and
   * then the first once more: the issuer may have gone back, or not have spread the change yet. What the last try
   * threw or returned is the outcome.
   *
   * @template T
   * @param {(secret: S) => T | Promise<T>} call Throws or returns the refusal, and throws for every other failure.
   * @returns {Promise<T>}
   */
  const use = async (call) => {
    const refused = [];
    let held;
    let outcome;
    while (refused.length < MAX_TRIES) {
      const before = held;
      held = await readAgain();
      const candidate = chosen(held, before, dead, refused);
      if (candidate === undefined) break;
      outcome = await attempt(candidate, call);
      if (!outcome.refused) break;
      refused.push(candidate.secret.clientSecret);
    }
    if (outcome.threw) throw outcome.error;
    return outcome.value;
  };

  /** @returns {Using} */
  const current = () => using;

  return { use, /** Which version worked last, and where it lay. */ using: current };
}

/**
 * @template K
 * @typedef {{ [F in keyof K]: F extends 'versionId' ? string | null : string }} FromFile
 */

/**
 * A `read` for an env file. The next value of `KEY` is `KEY_NEXT`; there is one where `clientSecret` has one, and
 * fields without their own are those of the primary value. Only `versionId` may be missing.
 *
 * @template {{ clientSecret: string, [field: string]: string }} K
 * @param {string} path
 * @param {K} keys Field of the secret → key of the file, for example `{ clientSecret: 'SCOUT_CLIENT_SECRET' }`.
 * @returns {() => Promise<{ primary: FromFile<K>, next: FromFile<K> | null }>}
 */
export function envFile(path, keys) {
  return async () => {
    const there = parseEnv(await readFile(path, 'utf8'));
    const field = (name, end) => {
      const key = keys[name];
      if (name === 'versionId') return there[key + end] || null;
      const value = there[key + end] || there[key];
      if (value) return value;
      throw Object.assign(new Error(`${path} has no value for ${key}.`), { missingKey: key });
    };
    const slot = (end) => Object.fromEntries(Object.keys(keys).map((name) => [name, field(name, end)]));
    return { primary: slot(''), next: there[`${keys.clientSecret}_NEXT`] ? slot('_NEXT') : null };
  };
}

/**
 * What to try now: the primary value unless it is dead, and after refusals something else, if possible something new.
 * Undefined where the source holds only what was refused just now and has not changed since `before`: an issuer may
 * lock after some refusals.
 */
function chosen(held, before, dead, refused) {
  const { primary, next } = held;
  if (!primary?.clientSecret) throw new Error('The source of the secret holds no primary clientSecret.');
  const candidates = [{ slot: 'primary', secret: primary, primary }];
  if (isOther(next, primary)) candidates.push({ slot: 'next', secret: next, primary });
  if (primary.clientSecret === dead) candidates.reverse();
  const others = candidates.filter(({ secret }) => secret.clientSecret !== refused.at(-1));
  const untried = others.find(({ secret }) => !refused.includes(secret.clientSecret));
  const isChanged = isOther(before?.primary, primary) || isOther(before?.next, next ?? {});
  return untried ?? others[0] ?? (isChanged ? candidates[0] : undefined);
}

function isOther(one, other) {
  return Boolean(one?.clientSecret) && one.clientSecret !== other.clientSecret;
}

/** Whoever asks while a reading is under way gets the one after it, so that what they get was read after they asked. */
function oneAtATime(read) {
  let running = Promise.resolve();
  let waiting;
  const begin = () => {
    waiting = undefined;
    running = Promise.resolve().then(read);
    return running;
  };
  return () => {
    waiting ??= running.then(begin, begin);
    return waiting;
  };
}

async function settled(call, secret) {
  try {
    return { threw: false, value: await call(secret) };
  } catch (error) {
    return { threw: true, error };
  }
}

function isInvalidClient(outcome) {
  return outcome?.error === 'invalid_client' || outcome?.code === 'invalid_client';
}
