import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TargetWorld } from './world.ts';

export async function dotenvWorld(): Promise<TargetWorld> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'rekey-contract-')));
  const file = path.join(root, 'app.env');
  const fileRoots = [root];
  await writeFile(file, '# neighbours\nexport OTHER=\'1\' # kept\nMULTI="a\nb"\nSECRET=old\nLAST=1');
  return {
    config: {},
    place: { path: file },
    fileRoots,
    secrets: [],
    refuse: async () => {
      fileRoots.length = 0;
    },
    breakDown: () => writeFile(path.join(root, '.app.env.rekey'), 'another delivery is writing'),
    neighbours: async (key) => (await readFile(file, 'utf8')).replace(new RegExp(`^${key}=.*$`, 'm'), ''),
    close: () => rm(root, { recursive: true, force: true }),
  };
}
