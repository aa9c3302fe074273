import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** What became of one connection: `read` closes once all is read, `never` reads and stays, `drop` breaks off as one that died does. */
export type Manner = 'read' | 'never' | 'drop';

export interface Receiver {
  readonly port: number;
  /** Every message of the connections so far, each by its length in front. */
  messages(): string[];
  connections(): number;
  manner: Manner;
  close(): Promise<void>;
}

function messagesIn(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.subarray(at, space).toString());
    if (space < 0 || !Number.isInteger(length)) throw new Error(`No length at ${at}.`);
    // What is cut off is no message.
    if (space + 1 + length > bytes.length) break;
    found.push(bytes.subarray(space + 1, space + 1 + length).toString());
    at = space + 1 + length;
  }
  return found;
}

/** A receiver of syslog messages over TCP on loopback, or over TLS. */
export async function receiver(options: { port?: number; tls?: TlsOptions } = {}): Promise<Receiver> {
  const all: Buffer[][] = [];
  const open = new Set<Socket>();
  const accept = (socket: Socket) => {
    const parts: Buffer[] = [];
    all.push(parts);
    socket.on('error', () => {});
    socket.on('data', (part: Buffer) => {
      parts.push(part);
      if (self.manner === 'drop') socket.resetAndDestroy();
    });
    socket.on('end', () => {
      if (self.manner === 'read') socket.end();
    });
  };
  const server: Server =
    options.tls === undefined
      ? createServer({ allowHalfOpen: true }, accept)
      : createTlsServer({ ...options.tls, allowHalfOpen: true } as TlsOptions, accept);
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const self: Receiver = {
    port: (server.address() as AddressInfo).port,
    messages: () => all.flatMap((parts) => messagesIn(Buffer.concat(parts))),
    connections: () => all.length,
    manner: 'read',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
  return self;
}
