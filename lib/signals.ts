import pg from 'pg';
import { env } from '#lib/env.ts';

/*
 * "Something changed about this rotation": a hint that travels by NOTIFY, outside of every transaction (inside, it
 * takes a lock that all commits share). Whoever misses one reads the rows again anyway.
 */

const CHANNEL = 'rekey_rotations';
const EVERY_MS = 100;

const directUrl = () => env().REKEY_DIRECT_DATABASE_URL ?? env().DATABASE_URL;

export interface Announcer {
  /** Tells watchers soon: at most one message every 100 ms, naming all rotations since the last. */
  announce(rotationId: string): void;
  close(): Promise<void>;
}

/** Opens the telling side, on a connection of its own that is opened again when it breaks. */
export function openAnnouncer(): Announcer {
  const waiting = new Set<string>();
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function connected(): Promise<pg.Client> {
    if (client === null) {
      const fresh = new pg.Client({ connectionString: directUrl() });
      fresh.on('error', () => {
        client = null;
      });
      await fresh.connect();
      client = fresh;
    }
    return client;
  }

  async function send(): Promise<void> {
    timer = undefined;
    // A payload holds 8000 bytes; 100 ids are under 4000.
    const ids = [...waiting].slice(0, 100);
    for (const id of ids) {
      waiting.delete(id);
    }
    try {
      await (await connected()).query('select pg_notify($1, $2)', [CHANNEL, ids.join(' ')]);
    } catch {
      client = null;
    }
    if (waiting.size > 0) {
      timer ??= setTimeout(send, EVERY_MS);
    }
  }

  return {
    announce: (rotationId) => {
      waiting.add(rotationId);
      timer ??= setTimeout(send, EVERY_MS);
    },
    close: async () => {
      clearTimeout(timer);
      await client?.end();
    },
  };
}

type Watcher = () => void;

interface Listening {
  watchers: Map<string, Set<Watcher>>;
  client: pg.Client | null;
  connecting: Promise<void> | null;
}

// One listening connection per process, however many browsers watch.
const shared = globalThis as typeof globalThis & { rekeySignals?: Listening };

async function listen(state: Listening): Promise<void> {
  const client = new pg.Client({ connectionString: directUrl() });
  const lost = () => {
    state.client = null;
    state.connecting = null;
  };
  client.on('error', lost);
  client.on('end', lost);
  client.on('notification', ({ payload }) => {
    for (const id of (payload ?? '').split(' ')) {
      for (const watcher of state.watchers.get(id) ?? []) {
        watcher();
      }
    }
  });
  await client.connect();
  await client.query(`listen ${CHANNEL}`);
  state.client = client;
}

/** Calls `watcher` after changes of a rotation; answers how to stop. Resolves when it listens. */
export async function watchRotation(rotationId: string, watcher: Watcher): Promise<() => void> {
  shared.rekeySignals ??= { watchers: new Map(), client: null, connecting: null };
  const state = shared.rekeySignals;
  const watchers = state.watchers.get(rotationId) ?? new Set();
  state.watchers.set(rotationId, watchers.add(watcher));
  state.connecting ??= listen(state);
  await state.connecting.catch(() => {
    state.connecting = null;
  });
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      state.watchers.delete(rotationId);
    }
  };
}
