import { type AddressInfo, createServer, Socket } from 'node:net';

/** A port on 127.0.0.1 that passes everything on to another, until it is told otherwise. */
export interface Relay {
  readonly port: number;
  /** How many connections were ever made through it. */
  connections(): number;
  /** Everything that clients sent, as latin1. */
  sent(): string;
  /** From now on the answer to whatever holds this text is lost, although the server got it; `instead` comes in its place. */
  loseAnswerTo(text: string, instead?: Buffer): void;
  /** From now on no answer comes, and no connection ends by itself. */
  stall(): void;
  /** Nobody listens any longer, and what is open is cut. */
  close(): Promise<void>;
}

/** Starts a relay in front of a server on this machine. */
export async function relayTo(target: number): Promise<Relay> {
  const open = new Set<Socket>();
  let count = 0;
  let sent = '';
  let lost: string | undefined;
  let instead: Buffer | undefined;
  let stalled = false;
  const server = createServer((client) => {
    count += 1;
    const upstream = new Socket().connect(target, '127.0.0.1');
    let losing = false;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.end();
      });
    }
    client.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      sent += text;
      losing ||= lost !== undefined && text.includes(lost);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (losing && instead !== undefined) client.end(instead);
      else if (losing) client.destroy();
      else if (!stalled) client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    sent: () => sent,
    loseAnswerTo: (text, other) => {
      lost = text;
      instead = other;
    },
    stall: () => {
      stalled = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
