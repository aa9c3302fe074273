import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { openFields } from '#core/vault/fields.ts';
import { fingerprint } from '#core/vault/fingerprint.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

/* The rekey command itself, in a process of its own, against the sample vendor. */

let sample: Sample;
let secrets: { tiles: string; photos: string };
let folder: string;

const first = async (clientId: string) => {
  const answer = await fetch(`${sample.places.surfacescout}/admin/clients/${clientId}/first-secret`, {
    headers: { authorization: `Bearer ${sample.places.adminToken}` },
  });
  return ((await answer.json()) as { clientSecret: string }).clientSecret;
};

beforeAll(async () => {
  sample = await startSample();
  folder = sample.places.folder;
  secrets = { tiles: await first('map-tiles'), photos: await first('photo-export') };
});
afterAll(() => sample.close());

const mapping = `
# What moves in.
TILES_SECRET = "SurfaceScout (sample)" map-tiles place.clientId=$TILES_ID place.readBack=true owner="Maps team"
TILES_ID     = "SurfaceScout (sample)" map-tiles clientId
PHOTOS       = "SurfaceScout (sample)" photo-export place.clientId=photo-export environment=staging
`;

const env = (photos: string) => `# The old home.
LOG_LEVEL=info
export TILES_SECRET='${secrets.tiles}'
TILES_ID=map-tiles
PHOTOS=${photos} # made last year
`;

const fileOf = (name: string, text: string) => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
};

beforeEach(async () => {
  const moved = { name: { in: ['map-tiles', 'photo-export'] } };
  await db().prisma.secretVersion.deleteMany({ where: { credential: moved } });
  await db().prisma.credential.deleteMany({ where: moved });
});

/** Runs the command to its end. What it says never holds a secret, whatever happened. */
async function rekey(args: readonly string[], input = ''): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['cli/rekey.mjs', 'import', ...args], {
    env: process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += String(chunk);
    });
  }
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  for (const secret of [secrets.tiles, secrets.photos, 'canary']) expect(said).not.toContain(secret);
  return { code, said };
}

const count = () => db().prisma.credential.count();

test('without --yes it says what it would do, by lengths and fingerprints, and does nothing', async () => {
  const before = await count();
  const map = fileOf('moving.map', mapping);
  const { code, said } = await rekey([fileOf('old.env', env(secrets.photos)), '--map', map]);
  const print = fingerprint(new Plaintext(secrets.tiles)).slice(0, 12);
  expect(said).toContain('map-tiles (production, at SurfaceScout (sample)): will be imported\n');
  expect(said).toMatch(new RegExp(`clientSecret +TILES_SECRET +43 characters, fingerprint ${print}\n`));
  expect(said).toMatch(/place\.clientId +TILES_ID +9 characters/);
  expect(said).toMatch(/photo-export \(staging, at .*will be imported/);
  expect(said).toContain('Nothing maps these keys of');
  expect(said).toMatch(/: LOG_LEVEL\.\n/);
  expect(said).toMatch(/Nothing was changed\. Add --yes/);
  expect(code).toBe(0);
  expect(await count()).toBe(before);
});

test('with --yes each secret is proven and sealed, nothing rotates, and doing it again changes nothing', async () => {
  const args = [fileOf('old.env', env(secrets.photos)), '--map', fileOf('moving.map', mapping), '--yes'];
  const { code, said } = await rekey(args);
  expect(said).toMatch(/2 imported, 0 here already, 0 failed\. Nothing rotated\./);
  expect(code).toBe(0);
  const tiles = await db().prisma.credential.findFirstOrThrow({
    where: { name: 'map-tiles' },
    include: { versions: true, rotations: true },
  });
  expect(tiles).toMatchObject({ environment: 'production', owner: 'Maps team', rotations: [] });
  const [version] = tiles.versions;
  const sealed = { table: 'secret_versions', id: version?.id ?? '', field: 'sealed' };
  const fields = openFields(sealed, version?.sealed ?? null);
  expect(fields.clientSecret?.expose()).toBe(secrets.tiles);
  expect(fields.clientId?.expose()).toBe('map-tiles');

  const before = await count();
  const again = await rekey(args);
  expect(again.said).toMatch(/0 imported, 2 here already, 0 failed/);
  expect(again.code).toBe(0);
  expect(await count()).toBe(before);
});

test('one that fails says why and holds up no other, nothing of it is saved, and the exit code says so', async () => {
  const { code, said } = await rekey([
    fileOf('old.env', env('canary-dead-secret')),
    '--map',
    'PHOTOS = "SurfaceScout (sample)" photo-export place.clientId=photo-export',
    '--map',
    'MISSING = "SurfaceScout (sample)" missing place.clientId=nobody',
    '--map',
    'TILES_SECRET = "No such issuer" lost place.clientId=x',
    '--map',
    'TILES_SECRET = "SurfaceScout (sample)" map-tiles place.clientId=map-tiles place.readBack=true',
    '--yes',
  ]);
  expect(said).toMatch(
    /FAILED +photo-export +SurfaceScout \(sample\) does not accept this secret\. Nothing was saved\./,
  );
  expect(said).toMatch(/FAILED +missing +MISSING is not in .*old\.env\. Nothing was saved\./);
  expect(said).toMatch(/FAILED +lost +There is no issuer called No such issuer\./);
  expect(said).toMatch(/imported +map-tiles/);
  expect(said).toMatch(/1 imported, 0 here already, 3 failed/);
  expect(code).toBe(1);
  const names = await db().prisma.credential.findMany({ select: { name: true } });
  expect(names.map(({ name }) => name)).not.toContain('photo-export');
});

test('JSON and a JSON mapping are taken too, from standard input', async () => {
  const map = fileOf(
    'moving.json',
    JSON.stringify({
      'photo-export': {
        issuer: 'SurfaceScout (sample)',
        fields: { clientSecret: 'apps.photos.secret' },
        place: { clientId: 'photo-export', maxLive: 2 },
      },
    }),
  );
  const values = JSON.stringify({ apps: { photos: { secret: secrets.photos } }, port: 3000 });
  const { code, said } = await rekey(['-', '--format', 'json', '--map', map, '--yes'], values);
  expect(said).toContain('Nothing maps these keys of standard input: port.');
  expect(said).toMatch(/1 imported/);
  expect(code).toBe(0);
});

test('a JSON mapping can have a first value made where no other system knows it; doing it again leaves it alone', async () => {
  await addIssuer(system('test'), { name: 'Random values', kind: 'random', config: {} });
  const alone = { issuer: 'Random values', make: true };
  const map = {
    'session-key': { ...alone, place: { format: 'hex' } },
    both: { ...alone, fields: { secret: 'A' } },
    elsewhere: { issuer: 'SurfaceScout (sample)', make: true, place: { clientId: 'photo-export' } },
  };
  const args = ['-', '--format', 'json', '--map', fileOf('make.json', JSON.stringify(map))];
  const told = await rekey(args, '{"A":"canary"}');
  expect(told.said).toContain('session-key (production, at Random values): will be imported\n');
  expect(told.said).toMatch(/its first value +made by Rekey/);
  expect(told.said).toContain(
    'both (production, at Random values): cannot be imported. Its first value is made, so',
  );
  expect(told.said).toContain('has a secret for this already, so none is made. Map the key that holds it.');
  const done = await rekey([...args, '--yes'], '{"A":"canary"}');
  expect(done.said).toContain('Its first value was made and sealed.');
  expect(done.said).toContain('1 imported, 0 here already, 2 failed.');
  const { versions } = await db().prisma.credential.findFirstOrThrow({
    where: { name: 'session-key' },
    include: { versions: true },
  });
  expect(versions).toMatchObject([{ n: 1, state: 'current' }]);
  expect((await rekey([...args, '--yes'], '{"A":"canary"}')).said).toContain('0 imported, 1 here already');
});

test('what is managed here already is not taken a second time under another name', async () => {
  const file = fileOf('old.env', `S=${sample.secretInFile('fleet-api')}\nP=${secrets.photos}\n`);
  const { code, said } = await rekey([
    file,
    '--map',
    'S = "SurfaceScout (sample)" another place.clientId=fleet-api',
    '--map',
    'P = "SurfaceScout (sample)" survey-importer place.clientId=photo-export',
    '--map',
    'P = "SurfaceScout (sample)" fleet-api place.clientId=fleet-api',
  ]);
  expect(said).toContain('cannot be imported. This is managed here already, as fleet-api.');
  expect(said).toContain('cannot be imported. There is already another credential called survey-importer.');
  expect(said).toContain('cannot be imported. fleet-api is here already, with another secret.');
  expect(said).not.toContain(sample.secretInFile('fleet-api'));
  expect(code).toBe(1);
});

test('a file that cannot be read or understood is named with its line, and none of it is quoted', async () => {
  const inline = ['--map', 'A = i c'];
  for (const [args, sentence] of [
    [[path.join(folder, 'nowhere.env'), ...inline], /nowhere\.env cannot be read \(ENOENT\)/],
    [[fileOf('bad.env', 'A=1\ncanary-line\n'), ...inline], /Line 2 of .*bad\.env is neither KEY=value/],
    [[fileOf('bad.json', '{"A": canary}'), ...inline], /bad\.json is not JSON/],
    [[fileOf('a.env', 'A=1'), '--format', 'yaml', ...inline], /--format is dotenv or json, not yaml/],
    [[fileOf('a.env', 'A=1'), '--map', 'A = only-an-issuer'], /Line 1 of --map: Write KEY = issuer-name/],
    [[fileOf('a.env', 'A=1')], /It takes a FILE/],
  ] as const) {
    const { code, said } = await rekey(args);
    expect(said).toMatch(sentence);
    expect(code).toBe(1);
  }
});
