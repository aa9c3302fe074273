import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A server on 127.0.0.1 and a free port. */
export interface Loopback {
  readonly url: string;
  readonly port: number;
  /** How many sockets were ever opened to it. */
  sockets(): number;
  close(): Promise<void>;
}

/** Starts a server for one test; `tls` makes it speak https. */
export async function loopback(listener: RequestListener, tls?: ServerOptions): Promise<Loopback> {
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  const open = new Set<Socket>();
  let count = 0;
  server.on('connection', (socket: Socket) => {
    count += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    sockets: () => count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
