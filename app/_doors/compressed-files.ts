import fs from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';

/* Scripts and styles in the form that the build compressed them to (scripts/launcher/compress.ts). */

const types: Record<string, string> = {
  '.js': 'application/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Whether whoever asks takes Brotli (RFC 9110, 12.5.3). */
const takesBrotli = (accepted: string) => /(^|[\s,])br\s*(,|$|;\s*q=(1|0?\.0*[1-9]))/.test(accepted);

type Asked = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;
type Answering = Pick<ServerResponse, 'writeHead' | 'end'>;

/**
 * Reads what is compressed below a folder, and answers a function that serves it below an address. That function says false,
 * and has done nothing, where something else is asked for or Brotli is not taken. The names change with the content, so a
 * browser may keep an answer for good.
 */
export function serveCompressed(folder: string, address: string) {
  const files = new Map(
    (fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [])
      .filter((file) => file.endsWith('.br'))
      .map((file) => {
        const name = file.slice(0, -'.br'.length).replaceAll(path.sep, '/');
        return [`${address}${name}`, fs.readFileSync(path.join(folder, file))];
      }),
  );
  return ({ method, url = '', headers }: Asked, response: Answering): boolean => {
    const bytes = files.get(url);
    const isRead = method === 'GET' || method === 'HEAD';
    if (bytes === undefined || !isRead || !takesBrotli(String(headers['accept-encoding'] ?? ''))) {
      return false;
    }
    response.writeHead(200, {
      'content-type': types[path.extname(url)] ?? 'application/octet-stream',
      'content-encoding': 'br',
      'content-length': bytes.length,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    response.end(method === 'HEAD' ? undefined : bytes);
    return true;
  };
}
