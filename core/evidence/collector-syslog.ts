import { isIP, connect as openTcp, type Socket } from 'node:net';
import { connect as openTls } from 'node:tls';
import type { Collector } from '#core/evidence/collector.ts';
import { framed, syslogMessage } from '#core/evidence/syslog-message.ts';
import { outside } from '#core/outside/guarded-http.ts';

export interface SyslogPlace {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Null: nothing is encrypted. Else with the authority to trust, in PEM, where it is a private one. */
  readonly tls: { readonly ca: string | undefined } | null;
  /** What the messages say that Rekey is called. */
  readonly from: string;
}

/** Opens a socket to an address that the guard allows. It stays open for reading once it was written. */
async function open({ host, port, tls }: SyslogPlace): Promise<Socket> {
  const { address, servername } = await outside().guard.resolve(host, port);
  const place = { host: address, port, allowHalfOpen: true };
  if (tls === null) return openTcp(place);
  const { ca } = tls;
  return openTls({
    ...place,
    ...(isIP(servername) === 0 ? { servername } : {}),
    ...(ca === undefined ? {} : { ca }),
  });
}

const NOT_TAKEN = 'It closed the connection before it had read everything.';

/**
 * Writes everything and closes, and waits for the other side to close too. Syslog over TCP answers nothing: but a receiver finds the
 * end only behind what was written, so one that closes after it has read it all.
 */
function deliver(socket: Socket, text: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let isWritten = false;
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    const abort = () => fail(new Error('It did not take everything in time.'));
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', ({ message }) => fail(new Error(`It cannot be reached, or broke off: ${message}.`)));
    socket.on('end', () => (isWritten ? resolve() : fail(new Error(NOT_TAKEN))));
    socket.on('close', () => {
      signal.removeEventListener('abort', abort);
      reject(new Error(NOT_TAKEN));
    });
    // What it says is not asked for; unread, its end would not be seen.
    socket.resume();
    socket.end(text, () => {
      isWritten = true;
    });
    if (signal.aborted) abort();
  });
}

/** A receiver of syslog messages over TCP or TLS, one connection for each call. */
export function syslogCollector(place: SyslogPlace): Collector {
  return {
    name: place.name,
    send: async (events, signal) => {
      const text = framed(events.map((event) => syslogMessage(event, place.from)));
      const socket = await open(place);
      await deliver(socket, text, signal).finally(() => socket.destroy());
    },
  };
}
