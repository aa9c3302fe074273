import net from 'node:net';

/** What a worker asks of Postgres, as far as the suite cares. */
export type Question = 'claim' | 'commit' | 'fence';

const QUESTIONS: readonly [Question, RegExp][] = [
  ['commit', /commit_step/],
  ['claim', /claim_rotation/],
  ['fence', /select 1 from rotations\b|require_fence/],
];

/** The bytes with which Postgres ends every answer: ReadyForQuery, of five bytes, and a state. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5]);

export interface Tap {
  /** The question has come and Postgres has not heard it yet. */
  asked(question: Question): Promise<void>;
  /** Postgres has done it, and the worker does not know yet. */
  answered(question: Question): Promise<void>;
}

export interface Wire {
  /** The database's address as workers are told it. */
  readonly url: string;
  close(): Promise<void>;
}

function questionIn(chunk: Buffer): Question | null {
  const text = chunk.toString('latin1');
  return QUESTIONS.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

const isComplete = (chunk: Buffer) => chunk.subarray(-6, -1).equals(READY);

/** Passes one worker's connection on, stopping at each question of interest and at its answer. */
function pass(worker: net.Socket, postgres: net.Socket, tap: Tap): void {
  const waiting: Question[] = [];
  // Chunks stay in order although the tap takes its time.
  let toPostgres = Promise.resolve();
  let toWorker = Promise.resolve();
  worker.on('data', (chunk) => {
    const question = questionIn(chunk);
    toPostgres = toPostgres.then(async () => {
      if (question !== null) {
        await tap.asked(question);
        waiting.push(question);
      }
      postgres.write(chunk);
    });
  });
  postgres.on('data', (chunk) => {
    toWorker = toWorker.then(async () => {
      const question = isComplete(chunk) ? waiting.shift() : undefined;
      if (question !== undefined) {
        await tap.answered(question);
      }
      worker.write(chunk);
    });
  });
  for (const [one, other] of [
    [worker, postgres],
    [postgres, worker],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

/** A way to Postgres that the harness stands in: it knows exactly when a commit is done and not yet answered. */
export async function openWire(postgresUrl: string, tap: Tap): Promise<Wire> {
  const target = new URL(postgresUrl);
  const sockets = new Set<net.Socket>();
  const server = net.createServer((worker) => {
    const postgres = net.connect(Number(target.port), target.hostname);
    for (const socket of [worker, postgres]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    pass(worker, postgres, tap);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(postgresUrl);
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' && address !== null ? address.port : 0);
  return {
    url: url.toString(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
}
