import { withClient } from '#scripts/migrations.ts';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { createUser, expect, query, rekey, signIn, stack, test } from '#tests/e2e/support/stack.ts';

/** Does something to the log as the owner of the database, who can switch triggers off. */
async function asOwner(statement: string): Promise<void> {
  await withClient(stack.databaseUrl.replace('rekey_app', 'rekey_owner'), async (client) => {
    await client.query(`
      begin; alter table audit_events disable trigger user; ${statement};
      alter table audit_events enable trigger user; commit`);
  });
}

test('an auditor verifies the log, sees who vouches for it, and is shown the row that somebody altered', async ({
  page,
}) => {
  await createUser(page, 'verifier@example.test', 'auditor');
  await signIn(page, 'verifier@example.test');
  await page.goto(`${stack.url}/audit`);
  await expect
    .poll(async () => (await query('select from audit_batches limit 1')).length, { timeout: 30_000 })
    .toBe(1);
  await page.getByRole('button', { name: 'Verify' }).click();
  const result = page.getByRole('region', { name: 'Proof' }).getByRole('status');
  await expect(result).toContainText(/All [\d,]+ sealed events are as they were written/);
  await expect(result.getByRole('list', { name: 'Witnesses' })).toContainText('Agrees');
  await expect(result).toContainText('The weaker proof');
  await expectAccessible(page, 'audit, verified');
  expect(JSON.parse(await rekey('audit', 'verify', '--json'))).toMatchObject({ ok: true });

  const [event] = await query<{ id: string }>('select event_id as id from audit_leaves where seq = 1');
  const rename = (from: string, to: string) =>
    asOwner(
      `update audit_events set actor_name = '${to}' || substr(actor_name, length('${from}') + 1) where id = ${event?.id}`,
    );
  await rename('', 'Not ');
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(result).toContainText(
    `The audit log was altered: the column actor_name of event ${event?.id} says something else than its body`,
  );
  await expectAccessible(page, 'audit, altered');
  await expect(rekey('audit', 'verify')).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`WRONG: the column actor_name of event ${event?.id}`),
  });
  await rename('Not ', '');
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(result).toContainText('are as they were written, and none is missing');
});

test('an operator is told who may verify, and has no button for it', async ({ operator: page }) => {
  await page.goto(`${stack.url}/audit`);
  await expect(page.getByText('It takes the role auditor or admin.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Verify' })).toHaveCount(0);
});
