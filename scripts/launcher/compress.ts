import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';

const compress = promisify(brotliCompress);

/**
 * Puts beside each script and each style below a folder the same, compressed as far as Brotli goes. It is done once here, where
 * Next would compress less, and again for every visit.
 */
export async function compressScripts(folder: string): Promise<void> {
  for (const file of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.(js|css)$/.test(file)) {
      const full = path.join(folder, file);
      fs.writeFileSync(`${full}.br`, await compress(fs.readFileSync(full)));
    }
  }
}
