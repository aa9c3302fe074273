import fs from 'node:fs';
import path from 'node:path';
import { expect, query, secretInFile, stack, test } from '#tests/e2e/support/stack.ts';

const names = ['fleet-api', 'survey-importer', 'report-builder', 'partner-portal'];

/** The secrets in use now, as they would stand in a text, an encoded header or a dump. */
function needles(): string[] {
  const secrets = names.map(secretInFile);
  expect(secrets.every((secret) => secret.length > 10)).toBe(true);
  return secrets.flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('hex'),
  ]);
}

function expectClean(where: string, text: string): void {
  const found = needles().some((needle) => text.includes(needle));
  expect(found, `a secret stands in ${where}`).toBe(false);
}

test('no secret stands in the database or the queue', async () => {
  const tables = await query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema in ('public', 'bullmq') and table_type = 'BASE TABLE'`,
  );
  expect(tables.length).toBeGreaterThan(15);
  for (const { name } of tables) {
    const rows = await query<{ text: string }>(`select t::text as text from ${name} t`);
    expectClean(name, rows.map((row) => row.text).join('\n'));
  }
});

test('no secret stands in any log', async () => {
  const folder = path.join(stack.dataDir, 'logs');
  const files = fs.readdirSync(folder);
  expect(files).toEqual(expect.arrayContaining(['web.log', 'worker.log']));
  for (const file of files) {
    expectClean(file, fs.readFileSync(path.join(folder, file), 'utf8'));
  }
});

test('no secret stands in any page, its data, or the body of an error', async ({ operator: page }) => {
  const [credential] = await query<{ id: string }>(`select id from credentials where name = 'fleet-api'`);
  const rotations = await query<{ id: string }>('select id from rotations');
  const paths = [
    '/credentials',
    `/credentials/${credential?.id}`,
    '/audit',
    ...rotations.map(({ id }) => `/rotations/${id}`),
    ...rotations.map(({ id }) => `/rotations/${id}/events`),
    `/credentials/${credential?.id}/consumers`,
    '/credentials/00000000-0000-4000-8000-000000000000',
    '/rotations/not-an-id',
  ];
  for (const place of paths) {
    for (const headers of [{ accept: 'text/html' }, { RSC: '1' }] as Record<string, string>[]) {
      const answer = await page.request.get(`${stack.url}${place}`, { headers, timeout: 20_000 });
      expectClean(place, await answer.text());
    }
  }
});
