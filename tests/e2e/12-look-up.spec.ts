import { expect, query, secretInFile, test } from '#tests/e2e/support/stack.ts';

test('a leaked value is pasted with its line and found, with the way to rotate it; the text is kept nowhere', async ({
  operator: page,
}) => {
  const secret = secretInFile('fleet-api');
  await page.getByRole('link', { name: 'Look up a value' }).click();
  await page.getByLabel('Value').fill(`# found in a paste\nSCOUT_CLIENT_SECRET="${secret}"`);
  await page.getByRole('button', { name: 'Look up' }).click();
  const answer = page.getByRole('list', { name: 'What it is' });
  await expect(answer).toContainText(/fleet-api, version \d+/);
  await expect(answer).toContainText('Still works');
  await expect(page.getByLabel('Value')).toHaveValue('');
  expect(page.url()).not.toContain(secret);
  const [event] = await query<{ body: string }>(
    `select body from audit_events where action = 'secret.looked_up' order by id desc limit 1`,
  );
  expect(event?.body).toContain('fleet-api');
  expect(event?.body).not.toContain(secret);
  await answer.getByRole('link', { name: /Open to rotate/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('fleet-api');
});

test('a value that is nobody’s is said to be none', async ({ operator: page }) => {
  await page.getByRole('link', { name: 'Look up a value' }).click();
  await page.getByLabel('Value').fill('a-value-of-nobody-here');
  await page.getByRole('button', { name: 'Look up' }).click();
  await expect(page.getByRole('status')).toContainText(
    'Nothing in this text is a secret of a credential here.',
  );
});
