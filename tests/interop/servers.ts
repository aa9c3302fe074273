import { afterAll, describe, test } from 'vitest';

/** A real server that a test has started on loopback. */
export interface RunningServer {
  /** Its name and version, as it is printed: `MariaDB 10.11.19`. */
  readonly version: string;
  stop(): Promise<void>;
}

/** Thrown by a starter where the server cannot be run on this machine; the message says what is missing. */
export class NotHere extends Error {
  override readonly name = 'NotHere';
}

/**
 * A suite against a real server, started when the file is loaded. One line says that it was found, or why it is
 * skipped; a server that is there and does not start fails the run.
 */
export async function withServer<S extends RunningServer>(
  name: string,
  start: () => Promise<S>,
  suite: (server: S) => void,
): Promise<void> {
  try {
    const server = await start();
    describe(`${name} (${server.version})`, () => {
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads from this pattern which fixtures a hook wants.
      afterAll(async ({}, ran) => {
        const failed = ran.tasks.filter((task) => task.result?.state !== 'pass').map((task) => task.name);
        const ending = failed.length === 0 ? 'passed' : `FAILED: ${failed.join('; ')}`;
        console.log(`interop: ${name}: ${server.version}: ${ending}`);
        await server.stop();
      });
      suite(server);
    });
  } catch (error) {
    if (!(error instanceof NotHere)) throw error;
    console.log(`interop: ${name}: skipped, ${error.message}`);
    test.skip(`${name}: ${error.message}`, () => {});
  }
}
