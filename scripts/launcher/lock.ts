import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

function ask(socketPath: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', () => resolve(null));
  });
}

/**
 * Holds a data folder for this process, for as long as it lives. The lock is a unix socket, so the lock of a dead
 * process is stale by nature. Answers a function that tells others our address; throws when another Rekey runs here.
 */
export async function lockFolder(directory: string): Promise<(address: string) => void> {
  fs.mkdirSync(directory, { recursive: true });
  // Socket paths are limited to about 100 bytes, so the shorter spelling is used.
  const full = path.join(directory, 'lock');
  const socketPath =
    [path.relative(process.cwd(), full), full].sort((a, b) => a.length - b.length)[0] ?? full;
  let address = '';
  const server = net.createServer((socket) => socket.end(address));
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
  try {
    await listen();
  } catch {
    const other = await ask(socketPath);
    if (other !== null) {
      throw new Error(
        `Rekey is already running in this folder${other === '' ? ', still starting' : `: ${other}`}. Stop that one first, or set REKEY_DATA_DIR to another folder.`,
      );
    }
    fs.rmSync(socketPath, { force: true });
    await listen();
  }
  server.unref();
  return (value) => {
    address = value;
  };
}
