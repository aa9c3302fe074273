import { createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { certificate, privateKey } from './loopback-tls.ts';

export interface FakeSmtp {
  readonly port: number;
  /** What was taken, as it came. */
  readonly messages: { from: string; to: string[]; data: string; encrypted: boolean; user: string | null }[];
  /** What a line that begins so, in upper case, is answered with instead of the usual. */
  readonly replies: Map<string, string>;
  close(): Promise<void>;
}

/** An SMTP server (RFC 5321) on loopback with STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954). */
export async function fakeSmtp(options: { startTls?: boolean; port?: number } = {}): Promise<FakeSmtp> {
  const open = new Set<Socket>();
  const messages: FakeSmtp['messages'] = [];
  const replies = new Map<string, string>();
  const serve = (socket: Socket, encrypted: boolean) => {
    let from = '';
    let to: string[] = [];
    let user: string | null = null;
    let rest = '';
    let data: string[] | null = null;
    const say = (text: string) => socket.write(`${text}\r\n`);
    const answer = (line: string) => {
      const command = line.split(/[ :]/)[0]?.toUpperCase() ?? '';
      const other = [...replies].find(([begin]) => line.toUpperCase().startsWith(begin))?.[1];
      if (other !== undefined) return say(other);
      switch (command) {
        case 'EHLO':
          return say(
            [
              '250-fake.test',
              ...(options.startTls && !encrypted ? ['250-STARTTLS'] : []),
              '250 AUTH PLAIN',
            ].join('\r\n'),
          );
        case 'STARTTLS':
          say('220 go ahead');
          socket.removeAllListeners('data');
          return serve(
            new TLSSocket(socket, { isServer: true, cert: certificate, key: privateKey }) as Socket,
            true,
          );
        case 'AUTH':
          user =
            Buffer.from(line.split(' ')[2] ?? '', 'base64')
              .toString()
              .split('\0')[1] ?? null;
          return say('235 welcome');
        case 'MAIL':
          from = /<(.*)>/.exec(line)?.[1] ?? '';
          return say('250 ok');
        case 'RCPT':
          to.push(/<(.*)>/.exec(line)?.[1] ?? '');
          return say('250 ok');
        case 'DATA':
          data = [];
          return say('354 go on');
        case 'QUIT':
          say('221 bye');
          return socket.end();
        default:
          return say('502 not known');
      }
    };
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      rest += chunk.toString();
      const lines = rest.split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (data === null) answer(line);
        else if (line !== '.') data.push(line);
        else {
          messages.push({ from, to, data: data.join('\n'), encrypted, user });
          data = null;
          to = [];
          say('250 taken');
        }
      }
    });
  };
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.write('220 fake.test\r\n');
    serve(socket, false);
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    messages,
    replies,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
