import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Entries } from '#connectors/contract.ts';
import { explainFileError } from '#connectors/file-errors.ts';
import { keepOwnerAndMode, replaceText } from '#connectors/guarded-file.ts';
import { dotenv } from '#connectors/targets/dotenv.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { failure as failureOf } from '#tests/support/failure.ts';
import { callWith } from '../../support/call.ts';

let base: string;
let root: string;
let file: string;

beforeEach(async () => {
  base = await realpath(await mkdtemp(path.join(tmpdir(), 'rekey-dotenv-')));
  root = path.join(base, 'root');
  file = path.join(root, 'app.env');
  await mkdir(root);
  await chmod(base, 0o755);
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

const entries: Entries = { SECRET: new Plaintext('s3cret-new') };

function callFor(target = file, rest: { fileRoots?: string[]; dataDir?: string } = {}) {
  return callWith({}, { path: target }, { fileRoots: [root], dataDir: path.join(base, 'data'), ...rest });
}

/** Both calls that have to find a problem. */
function both(call: ReturnType<typeof callFor>) {
  return [() => dotenv.check(call), () => dotenv.deliver(call, entries, 'primary')];
}

const failure = (promise: Promise<unknown>) => failureOf(() => promise, /s3cret/);

/** Runs as a user without privileges, also where the tests run as root. */
async function asOrdinaryUser<T>(act: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot) return act();
  process.setegid?.(54_321);
  process.seteuid?.(54_321);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

test('a delivery sets the key, keeps its neighbours and the mode, and leaves nothing beside the file', async () => {
  await writeFile(file, '# mine\nA=1\nSECRET=s3cret-old # here\nZ=26', { mode: 0o640 });
  await chmod(file, 0o640);
  await dotenv.deliver(callFor(), entries, 'primary');
  expect(await readFile(file, 'utf8')).toBe('# mine\nA=1\nSECRET=s3cret-new # here\nZ=26');
  expect((await stat(file)).mode & 0o7777).toBe(0o640);
  expect(await readdir(root)).toEqual(['app.env']);
});

test('the file is replaced in one step: whoever has it open reads the old text to the end', async () => {
  await writeFile(file, 'SECRET=s3cret-old\n');
  const before = await stat(file);
  await dotenv.deliver(callFor(), entries, 'primary');
  expect((await stat(file)).ino).not.toBe(before.ino);
});

test('the same delivery again does not touch the file', async () => {
  await dotenv.deliver(callFor(), entries, 'primary');
  const before = await stat(file);
  await dotenv.deliver(callFor(), entries, 'primary');
  const after = await stat(file);
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});

test('a missing file is made with mode 0600', async () => {
  await dotenv.deliver(callFor(), entries, 'primary');
  expect(await readFile(file, 'utf8')).toBe('SECRET=s3cret-new\n');
  expect((await stat(file)).mode & 0o7777).toBe(0o600);
});

test('confirm says live for exactly these entries and pending for anything else', async () => {
  const call = callFor();
  expect(await dotenv.confirm(call, entries, 'primary')).toBe('pending');
  await writeFile(file, 'SECRET=s3cret-old\n');
  expect(await dotenv.confirm(call, entries, 'primary')).toBe('pending');
  await dotenv.deliver(call, entries, 'primary');
  expect(await dotenv.confirm(call, entries, 'primary')).toBe('live');
  expect(await dotenv.confirm(call, { ...entries, OTHER: new Plaintext('') }, 'primary')).toBe('pending');
});

test('a file may only be named by a plain absolute path', () => {
  for (const bad of ['app.env', './app.env', '/a/../b', '/a/', '/a//b', '/a\0b', '']) {
    expect(dotenv.place.safeParse({ path: bad }).success).toBe(false);
  }
  expect(dotenv.place.safeParse({ path: '/srv/app/.env' }).success).toBe(true);
});

test('a path outside the roots is refused, also one that only begins like a root', async () => {
  await mkdir(`${root}-other`);
  for (const target of [path.join(base, 'app.env'), path.join(`${root}-other`, 'app.env')]) {
    for (const act of both(callFor(target))) {
      const error = await failure(act());
      expect(error).toMatchObject({ retry: 'never', because: 'permission' });
      expect(error.message).toContain(`outside the folders of REKEY_FILE_ROOTS. Allowed now: ${root}.`);
    }
    expect(existsSync(target)).toBe(false);
  }
});

test('without roots nothing may be written', async () => {
  expect((await failure(dotenv.check(callFor(file, { fileRoots: [] })))).message).toContain(
    'REKEY_FILE_ROOTS. Allowed now: none.',
  );
});

test('a link out of the root does not lead out of it, for writing and for reading', async () => {
  const outside = path.join(base, 'outside');
  await mkdir(outside);
  await writeFile(path.join(outside, 'app.env'), 'SECRET=s3cret-new\n');
  await symlink(outside, path.join(root, 'link'));
  const call = callFor(path.join(root, 'link', 'app.env'));
  expect((await failure(dotenv.deliver(call, entries, 'primary'))).message).toMatch(/outside the folders/);
  expect((await failure(dotenv.confirm(call, entries, 'primary'))).message).toMatch(/outside the folders/);
});

test('a root that is itself a link, and a link that stays inside, work', async () => {
  await symlink(root, path.join(base, 'root-link'));
  await mkdir(path.join(root, 'deep'));
  await symlink(path.join(root, 'deep'), path.join(root, 'inner-link'));
  const target = path.join(base, 'root-link', 'inner-link', 'app.env');
  await dotenv.deliver(callFor(target, { fileRoots: [path.join(base, 'root-link')] }), entries, 'primary');
  expect(await readFile(path.join(root, 'deep', 'app.env'), 'utf8')).toBe('SECRET=s3cret-new\n');
});

test("Rekey's data folder is refused even where a root holds it, also through a link", async () => {
  const dataDir = path.join(root, 'data');
  await mkdir(path.join(dataDir, 'deep'), { recursive: true });
  await symlink(dataDir, path.join(root, 'innocent'));
  for (const folder of ['data', 'data/deep', 'innocent', 'innocent/deep']) {
    const error = await failure(
      dotenv.deliver(callFor(path.join(root, folder, 'x.env'), { dataDir }), entries, 'primary'),
    );
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    expect(error.message).toMatch(/own data folder/);
  }
});

test('a file that is a link, a folder or has a second name is refused and stays as it was', async () => {
  const real = path.join(root, 'real.env');
  await writeFile(real, 'SECRET=s3cret-old\n');
  await symlink(real, file);
  expect((await failure(dotenv.deliver(callFor(), entries, 'primary'))).message).toMatch(/is a link/);
  await rm(file);
  await link(real, file);
  expect((await failure(dotenv.deliver(callFor(), entries, 'primary'))).message).toMatch(/second name/);
  await rm(file);
  await mkdir(file);
  expect((await failure(dotenv.deliver(callFor(), entries, 'primary'))).message).toMatch(/not a plain file/);
  expect(await readFile(real, 'utf8')).toBe('SECRET=s3cret-old\n');
});

test.each([
  ['A=1\nnonsense s3cret\n', /^Line 2 of \/\S+ /],
  ['A="open s3cret\n', /^Line 1 of \/\S+ /],
  [Buffer.from([0x41, 0x3d, 0xff, 0xfe]), /not UTF-8/],
  ['A=1\n'.repeat(300_000), /larger than 1 MiB/],
])('a file that cannot be understood is never, and stays as it was', async (content, sentence) => {
  await writeFile(file, content);
  for (const act of both(callFor())) {
    const error = await failure(act());
    expect(error.retry).toBe('never');
    expect(error.message).toMatch(sentence);
  }
  expect((await readFile(file)).equals(Buffer.from(content))).toBe(true);
  expect(await readdir(root)).toEqual(['app.env']);
});

test('a missing folder is never, with what to do', async () => {
  const error = await failure(dotenv.check(callFor(path.join(root, 'missing', 'app.env'))));
  expect(error.retry).toBe('never');
  expect(error.message).toMatch(/The folder of .* does not exist/);
});

test('a folder Rekey may not write to is found by check and refused by deliver', async () => {
  await writeFile(file, 'SECRET=s3cret-old\n', { mode: 0o644 });
  await chmod(root, 0o555);
  await asOrdinaryUser(async () => {
    for (const act of both(callFor())) {
      expect(await failure(act())).toMatchObject({ retry: 'never', because: 'permission' });
    }
  });
  await chmod(root, 0o755);
  expect(await readFile(file, 'utf8')).toBe('SECRET=s3cret-old\n');
});

test('check leaves no trace, whether the file is there or not', async () => {
  await dotenv.check(callFor());
  expect(await readdir(root)).toEqual([]);
  await writeFile(file, 'A=1\n');
  const before = await stat(file);
  await dotenv.check(callFor());
  expect((await stat(file)).ino).toBe(before.ino);
  expect(await readdir(root)).toEqual(['app.env']);
});

test('the owner is kept, and where that is not allowed nothing is written', async () => {
  const asked: unknown[] = [];
  const handle = (refuse: boolean) => ({
    stat: (() => Promise.resolve({ uid: 1, gid: 1 })) as never,
    chown: async (uid: number, gid: number) => {
      asked.push(['chown', uid, gid]);
      if (refuse) throw Object.assign(new Error('no'), { code: 'EPERM' });
    },
    chmod: async (mode: number) => {
      asked.push(['chmod', mode]);
    },
  });
  await keepOwnerAndMode(handle(false), { uid: 2, gid: 3, mode: 0o100640 }, file);
  expect(asked).toEqual([
    ['chown', 2, 3],
    ['chmod', 0o640],
  ]);
  const error = await failure(keepOwnerAndMode(handle(true), { uid: 2, gid: 3, mode: 0o100640 }, file));
  expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  expect(error.message).toMatch(/belongs to user 2 and group 3/);
});

test('with real files: an owner is kept by who may, and refused by who may not', async () => {
  await writeFile(file, 'SECRET=s3cret-old\n', { mode: 0o666 });
  await chmod(file, 0o666);
  const foreign = process.geteuid?.() === 0 ? 12_345 : (process.geteuid?.() ?? 0);
  await chown(file, foreign, process.getegid?.() ?? 0);
  await dotenv.deliver(callFor(), entries, 'primary');
  expect((await stat(file)).uid).toBe(foreign);
  if (foreign !== 12_345) return;
  await chmod(root, 0o777);
  const other = { SECRET: new Plaintext('another') };
  await asOrdinaryUser(async () => {
    expect((await failure(dotenv.deliver(callFor(), other, 'primary'))).message).toMatch(
      /may not write it under that owner/,
    );
  });
  expect(await readFile(file, 'utf8')).toBe('SECRET=s3cret-new\n');
  expect(await readdir(root)).toEqual(['app.env']);
});

test('a change by somebody else between reading and replacing is kept, and the delivery tried again', async () => {
  await writeFile(file, 'A=1\n');
  const { writeFileSync } = await import('node:fs');
  const error = await failure(
    replaceText(file, (before) => {
      writeFileSync(file, 'A=2\n');
      return `${before}SECRET=s3cret\n`;
    }),
  );
  expect(error.retry).toBe('later');
  expect(await readFile(file, 'utf8')).toBe('A=2\n');
  expect(await readdir(root)).toEqual(['app.env']);
});

test('a file that somebody makes between reading and writing is kept', async () => {
  const { writeFileSync } = await import('node:fs');
  const error = await failure(
    replaceText(file, () => {
      writeFileSync(file, 'A=2\n');
      return 'SECRET=s3cret\n';
    }),
  );
  expect(error.retry).toBe('later');
  expect(await readFile(file, 'utf8')).toBe('A=2\n');
});

test('deliveries to the same file at the same time all arrive', async () => {
  await writeFile(file, '# start\n');
  const keys = Array.from({ length: 8 }, (_, index) => `KEY_${index}`);
  await Promise.all(keys.map((key) => dotenv.deliver(callFor(), { [key]: new Plaintext(key) }, 'primary')));
  for (const key of keys) {
    expect(await dotenv.confirm(callFor(), { [key]: new Plaintext(key) }, 'primary')).toBe('live');
  }
  expect(await readdir(root)).toEqual(['app.env']);
});

test('while another process writes the file the delivery waits, then is tried later', async () => {
  const lock = path.join(root, '.app.env.rekey');
  await writeFile(lock, 'half written');
  const error = await failure(dotenv.deliver(callFor(), entries, 'primary'));
  expect(error.retry).toBe('later');
  expect(error.message).toMatch(/Another delivery is writing/);
  expect(await readFile(lock, 'utf8')).toBe('half written');
});

test('what a killed process left behind is removed and does not lock for ever', async () => {
  const lock = path.join(root, '.app.env.rekey');
  await writeFile(lock, 'SECRET=left behind');
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(lock, longAgo, longAgo);
  await dotenv.deliver(callFor(), entries, 'primary');
  expect(await readdir(root)).toEqual(['app.env']);
});

test.each([
  ['EACCES', 'never', 'permission'],
  ['EPERM', 'never', 'permission'],
  ['EROFS', 'never', 'permission'],
  ['ENOENT', 'never', undefined],
  ['ENOTDIR', 'never', undefined],
  ['ELOOP', 'never', undefined],
  ['EBUSY', 'later', undefined],
  ['ENOSPC', 'later', undefined],
  ['EDQUOT', 'later', undefined],
  ['EIO', 'later', undefined],
])('%s is %s, in a sentence that names the file and the code', (code, retry, because) => {
  const error = explainFileError('/srv/app.env', Object.assign(new Error(), { code }));
  expect(error).toMatchObject({ retry, because });
  expect(error.message).toMatch(new RegExp(`/srv/app.env.*\\(${code}\\)$`));
});

test('the next value of KEY is KEY_NEXT in the same file, and taking it away gives the file that was there', async () => {
  const before = '# mine\nexport SECRET=s3cret-old # in use\nZ=26';
  await writeFile(file, before, { mode: 0o640 });
  await chmod(file, 0o640);
  await dotenv.deliver(callFor(), entries, 'next');
  expect(await readFile(file, 'utf8')).toBe(`${before}\nSECRET_NEXT=s3cret-new`);
  await dotenv.remove?.(callFor(), ['SECRET'], 'next');
  expect(await readFile(file, 'utf8')).toBe(before);
  expect((await stat(file)).mode & 0o7777).toBe(0o640);
  expect(await readdir(root)).toEqual(['app.env']);
});

test('removing from a file that has no next value, or from none, touches nothing', async () => {
  await dotenv.remove?.(callFor(), ['SECRET'], 'next');
  expect(await readdir(root)).toEqual([]);
  await writeFile(file, 'SECRET=s3cret-old\n');
  const before = await stat(file);
  await dotenv.remove?.(callFor(), ['SECRET'], 'next');
  const after = await stat(file);
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});

test('a binding of which one key is where the next value of another would lie is refused for the slot next only', async () => {
  const call = callFor();
  const clash: Entries = { SECRET: new Plaintext('s3cret-a'), SECRET_NEXT: new Plaintext('s3cret-b') };
  await dotenv.deliver(call, clash, 'primary');
  const before = await readFile(file, 'utf8');
  for (const act of [
    () => dotenv.deliver(call, clash, 'next'),
    () => dotenv.confirm(call, clash, 'next'),
    async () => dotenv.remove?.(call, Object.keys(clash), 'next'),
  ]) {
    const error = await failure(act());
    expect(error.retry).toBe('never');
    expect(error.message).toMatch(/SECRET_NEXT, which is itself a key of this binding/);
  }
  expect(await readFile(file, 'utf8')).toBe(before);
});
