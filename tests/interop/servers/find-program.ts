import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { NotHere } from '#tests/interop/servers.ts';

/** The folder for servers that no package of this machine has. */
export function interopFolder(): string {
  return process.env.REKEY_INTEROP_DIR ?? path.join(os.homedir(), '.cache', 'rekey-interop');
}

/** A program of the PATH, of the folders for administrators, or of `package/bin` in the interop folder. */
export function findProgram(name: string, packaged: string, howToGet: string): string {
  const home = path.join(interopFolder(), packaged);
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', home]
    .concat(['bin', 'usr/bin', 'usr/sbin'].map((folder) => path.join(home, folder)))
    .filter((folder) => path.isAbsolute(folder));
  const found = folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
  if (found !== undefined) return found;
  throw new NotHere(`there is no ${name} here: ${howToGet}`);
}
