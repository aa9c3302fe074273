import net from 'node:net';

/** A port of 127.0.0.1 that nobody else can listen at until it is let go. */
export interface HeldPort {
  port: number;
  release(): Promise<void>;
}

const HIGHEST = 65_535;
const TRIED = 200;

function hold(port: number): Promise<net.Server | null> {
  return new Promise((resolve) => {
    const server = net.createServer((socket) => socket.destroy());
    server.once('error', () => resolve(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}

/** This port and no other, held as by `holdPort`; null where something else listens there. */
export async function holdExactPort(port: number): Promise<HeldPort | null> {
  const server = await hold(port);
  if (server === null) {
    return null;
  }
  server.unref();
  return { port, release: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

/**
 * The first free port from `wanted` on, held from the moment it was found free: whoever looks for one meanwhile finds another.
 * It is let go right before its own program listens there.
 */
export async function holdPort(wanted: number): Promise<HeldPort> {
  const end = Math.min(wanted + TRIED, HIGHEST + 1);
  for (let port = wanted; port < end; port += 1) {
    const held = await holdExactPort(port);
    if (held !== null) {
      return held;
    }
  }
  throw new Error(
    `No free port was found between ${wanted} and ${end - 1}. End what listens there, or start later.`,
  );
}

/** The first free port from `wanted` on. It is not held, so it may be taken before its program listens there. */
export async function freePort(wanted: number): Promise<number> {
  const { port, release } = await holdPort(wanted);
  await release();
  return port;
}
