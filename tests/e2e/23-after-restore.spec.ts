import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { expect, query, rekey, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test('a database that was restored says so on every page, and an admin who has read what was found lets it go on', async ({
  page,
}) => {
  await rekey('restore', '--mark', 'a disk snapshot of last week');
  // Whoever was signed in is not any more.
  await signIn(page, 'admin@example.test');
  const banner = page.getByText('Nothing runs here.');
  await expect(banner).toContainText('a disk snapshot of last week');
  await expect(page.getByRole('button', { name: 'Let everything go on', exact: true })).toHaveCount(0);
  await page.getByRole('link', { name: 'What was found' }).click();
  await expect(page.getByRole('heading', { name: 'After a restore' })).toBeVisible();
  await expect(page.getByText('Issuers and targets were not compared yet.')).toBeVisible();

  await rekey('resume', '--after-restore');
  await page.reload();
  const found = page.getByRole('region', { name: 'What was found' });
  await expect(found.getByRole('listitem').filter({ hasText: 'fleet-api' })).toBeVisible();
  await expectAccessible(page, 'after a restore, with a list');
  if (process.env.REKEY_SHOTS !== undefined) {
    for (const [width, scheme] of [
      [1440, 'light'],
      [375, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: scheme });
      const shot = `${process.env.REKEY_SHOTS}/after-restore-${width}-${scheme}.png`;
      await page.screenshot({ path: shot, fullPage: true, animations: 'disabled' });
    }
  }
  await page.getByRole('button', { name: 'I have read this: let everything go on' }).click();
  await expect(page.getByText('There is nothing to do here.')).toBeVisible();
  await expect(banner).toHaveCount(0);
  const rows = await query<{ body: string }>(
    `select body from audit_events where action = 'database.resumed' order by id desc limit 1`,
  );
  expect(JSON.parse(rows[0]?.body ?? '')).toMatchObject({ actor: { kind: 'user' } });
  // What was paused for want of proof goes on, so that the specs behind this one find the sample world as it was.
  await query('update credentials set paused_at = null');
  await query(
    `update findings set cleared_at = rekey_now() where kind = 'after_restore' and cleared_at is null`,
  );
  await page.goto(`${stack.url}/credentials`);
  await expect(banner).toHaveCount(0);
});
