import diagnostics from 'node:diagnostics_channel';
import { Queue, Worker } from 'bullmq';
import pg from 'pg';

type Mark = (what: string) => void;
type Method = (...given: unknown[]) => unknown;
type Label = (given: readonly unknown[]) => string;

/** Marks the begin of each call, and the end of what it promises or calls back with. */
function watch(mark: Mark, owner: object, name: string, label: Label): void {
  const method = Reflect.get(owner, name) as Method;
  Reflect.set(owner, name, function watched(this: unknown, ...given: unknown[]) {
    const what = label(given);
    const end = () => mark(`${what} <`);
    const last = given.at(-1);
    mark(`${what} >`);
    if (typeof last === 'function') {
      given[given.length - 1] = (...answer: unknown[]) => {
        end();
        return Reflect.apply(last, undefined, answer);
      };
    }
    const answer = Reflect.apply(method, this, given);
    if (answer instanceof Promise) {
      answer.then(end, end);
    }
    return answer;
  });
}

/** A statement's name, or how it begins. */
function statementOf([asked]: readonly unknown[]): string {
  const { name, text = '' } = typeof asked === 'string' ? { text: asked } : (asked as pg.QueryConfig);
  return `sql ${name ?? text.trim().replace(/\s+/g, ' ').slice(0, 40)}`;
}

/** Without the names in it, which differ from rotation to rotation. */
const requestOf = (method: unknown, path: unknown) =>
  `${method} ${String(path)
    .replace(/\/clients\/[^/]+/, '/clients/…')
    .replace(/\/secrets\/.+/, '/secrets/…')}`;

interface Told {
  request: { method: string; path?: string; url?: string };
}

function listen(mark: Mark, channel: string, what: string, side: '>' | '<'): void {
  diagnostics.subscribe(channel, (told) => {
    const { method, path, url } = (told as Told).request;
    mark(`${what} ${requestOf(method, path ?? url)} ${side}`);
  });
}

/**
 * Marks when this process begins and ends to wait for somebody else: for Postgres, the queue, a peer. Nothing of ours is
 * changed for it; the libraries that do the waiting are watched.
 */
export function watchWaits(mark: Mark): void {
  watch(mark, pg.Client.prototype, 'query', statementOf);
  for (const name of ['waitForJob', 'moveToActive', 'callProcessJob', 'handleCompleted']) {
    watch(mark, Worker.prototype, name, () => `queue ${name}`);
  }
  watch(mark, Queue.prototype, 'add', () => 'queue add');
  diagnostics.subscribe('undici:client:connected', () => mark('a connection was opened'));
  listen(mark, 'undici:request:create', 'ask', '>');
  listen(mark, 'undici:request:trailers', 'ask', '<');
  listen(mark, 'http.server.request.start', 'answer', '>');
  listen(mark, 'http.server.response.finish', 'answer', '<');
}
