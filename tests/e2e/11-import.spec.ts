import fs from 'node:fs';
import path from 'node:path';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { expect, query, stack, test } from '#tests/e2e/support/stack.ts';

/** The vendor's first secret of a client, from its own file. */
function firstSecret(clientId: string): { id: string; value: string } {
  const text = fs.readFileSync(path.join(stack.sampleDir, 'surfacescout.json'), 'utf8');
  const { secrets } = JSON.parse(text) as { secrets: Record<string, { id: string; value: string }[]> };
  return secrets[clientId]?.[0] ?? { id: '', value: '' };
}

/** Has the vendor make one more, so that Rekey cannot know which one is in use. */
async function issueAnother(clientId: string): Promise<void> {
  const keys = fs.readFileSync(path.join(stack.dataDir, 'keys.json'), 'utf8');
  const { sampleToken } = JSON.parse(keys) as { sampleToken: string };
  const answer = await fetch(new URL(`/admin/clients/${clientId}/secrets`, stack.vendor.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${sampleToken}`, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(answer.status).toBe(201);
}

const shot = process.env.REKEY_SHOTS;

// Before they are picked below: a place that is managed already is refused.
test('a place can be entered by hand, and one that is managed already is refused at its field', async ({
  operator: page,
}) => {
  const [issuer] = await query<{ id: string }>(`select id from issuers where kind = 'surfacescout'`);
  await page.goto(`${stack.url}/credentials/new?issuer=${issuer?.id}`);
  await page.getByRole('link', { name: 'Enter a place by hand' }).click();
  await page.getByLabel('Name', { exact: true }).fill('photos by hand');
  await page.getByLabel('Client ID').fill('survey-importer');
  await page.getByLabel('Client secret').fill('canary-by-hand');
  await page.getByRole('button', { name: 'Import credential' }).click();
  await expect(page.getByText('This is managed here already, as survey-importer')).toBeVisible();
  await expect(page.getByLabel('Client ID')).toBeFocused();
  await page.getByLabel('Client ID').fill('photo-export');
  await page.getByLabel('Client secret').fill('canary-by-hand');
  await page.getByRole('button', { name: 'Import credential' }).click();
  await expect(page.getByText('SurfaceScout (sample) does not accept this secret.')).toBeVisible();
  await expect(page.getByLabel('Client secret')).toBeFocused();
  expect(page.url()).not.toContain('canary');
});

test('two credentials are picked from what the issuer has; one that fails is corrected, and nothing rotates', async ({
  operator: page,
}) => {
  await issueAnother('photo-export');
  const { id: inUse, value: secret } = firstSecret('photo-export');
  const before = await query('select id from rotations');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${stack.url}/credentials`);
  await page.getByRole('link', { name: 'Add credential' }).click();
  await page.getByRole('link', { name: /^SurfaceScout \(sample\)/ }).click();

  const table = page.getByRole('region', { name: 'What it has' });
  await expect(table.getByRole('row', { name: /fleet-api/ })).toContainText('Already here');
  await expect(table.getByRole('checkbox', { name: 'fleet-api' })).toBeDisabled();
  await expect(table.getByRole('row', { name: /fleet-api/ })).toContainText('last used');
  await expect(table.getByText('partner-portal')).toHaveCount(0);

  await page.getByLabel('Filter').fill('map');
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 of 5 shown, 0 picked')).toBeVisible();
  await expect(table.getByRole('row')).toHaveCount(2);
  await table.getByRole('checkbox', { name: 'map-tiles' }).check();
  await page.getByLabel('Filter').fill('');
  await table.getByRole('checkbox', { name: 'photo-export' }).check();

  const tiles = page.getByRole('group', { name: 'map-tiles' });
  const photos = page.getByRole('group', { name: 'photo-export' });
  await expect(tiles.getByLabel('Read it back from the issuer')).toBeChecked();
  await tiles.getByLabel('Name').fill('map-tiles (read back)');
  await photos.getByLabel('Client secret').fill('canary-wrong-secret');
  const which = photos.getByLabel('Which secret is in use?');
  await expect(which).toHaveValue('');
  await which.selectOption(inUse);
  if (shot) await page.screenshot({ path: `${shot}/picked.png`, fullPage: true });
  await expectAccessible(page, 'two picked credentials');
  await page.getByRole('button', { name: 'Import 2 credentials — nothing rotates' }).click();

  await expect(page.getByText('map-tiles (read back) is imported')).toBeVisible();
  await expect(photos.getByText('SurfaceScout (sample) does not accept this secret.')).toBeVisible();
  await expect(photos.getByRole('alert')).toContainText('Nothing was saved. Correct what is marked above.');
  await expect(photos.getByLabel('Client secret')).toBeFocused();
  if (shot) await page.screenshot({ path: `${shot}/failed.png`, fullPage: true });
  await expectAccessible(page, 'one imported, one refused');

  await photos.getByLabel('Client secret').fill(secret);
  await page.getByRole('button', { name: 'Import 1 credential — nothing rotates' }).click();
  await expect(page.getByText('photo-export is imported')).toBeVisible();
  await expect(table.getByRole('row', { name: /photo-export/ })).toContainText('Imported');
  if (shot) {
    await page.screenshot({ path: `${shot}/done.png`, fullPage: true });
    await page.setViewportSize({ width: 375, height: 800 });
    await page.screenshot({ path: `${shot}/narrow.png`, fullPage: true });
  }

  expect(await page.content()).not.toContain(secret);
  expect(asked.join('\n')).not.toMatch(new RegExp(`${secret}|canary`));
  const rows = await query<{ name: string; state: string; id: string }>(
    `select c.name, v.state, v.external_id as id from credentials c join secret_versions v on v.credential_id = c.id
      where c.place ->> 'clientId' in ('map-tiles', 'photo-export') order by c.name`,
  );
  expect(rows).toEqual([
    { name: 'map-tiles (read back)', state: 'current', id: firstSecret('map-tiles').id },
    { name: 'photo-export', state: 'current', id: inUse },
  ]);
  expect(await query('select id from rotations')).toHaveLength(before.length);

  await page.reload();
  await expect(table.getByRole('row', { name: /photo-export/ })).toContainText('Already here');
  await expect(table.getByRole('checkbox', { name: 'photo-export' })).toBeDisabled();
});

test('an import is taken from a page of this Rekey and from somebody signed in only', async ({
  operator: page,
  playwright,
}) => {
  const send = { data: { name: 'planted', fields: { clientSecret: 'canary-planted' } } };
  const foreign = await page.request.post(`${stack.url}/credentials/new/import`, send);
  expect(foreign.status()).toBe(403);
  const wish = { ...send, headers: { origin: stack.url } };
  const refused = await page.request.post(`${stack.url}/credentials/new/import`, wish);
  expect(refused.status()).toBe(400);
  expect(await refused.text()).not.toContain('canary');
  const nobody = await playwright.request.newContext();
  expect((await nobody.post(`${stack.url}/credentials/new/import`, wish)).status()).toBe(401);
  await nobody.dispose();
});
