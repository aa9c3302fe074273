import type { Page } from '@playwright/test';
import { expectAccessible } from '#tests/e2e/support/accessible.ts';
import { expect, query, signIn, stack, test } from '#tests/e2e/support/stack.ts';

test.describe.configure({ mode: 'serial' });

const views = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 375 },
  { colorScheme: 'dark', width: 375 },
  { colorScheme: 'light', width: 320 },
] as const;

const open = (page: Page, path: string) => page.goto(`${stack.url}${path}`);
const attention = (page: Page) => page.getByRole('region', { name: 'Needs attention' });

/** A held rotation is touched by no worker, so it stands for as long as a spec needs it. */
async function holdOne(name: string): Promise<void> {
  await query(
    `insert into rotations (id, credential_id, strategy, phase, hold, hold_detail, priority, requested_by, plan_digest,
                            grace_seconds, predicted_gap_seconds, from_version)
     select gen_random_uuid(), c.id, 'overlap', 'deliver', 'delivery_exhausted', 'Env file: the disk is full.', 'manual',
            '{"kind":"user","id":null,"name":"Ada"}', 'spec', 60, 0, v.id
       from credentials c join secret_versions v on v.credential_id = c.id and v.state = 'current' where c.name = $1`,
    [name],
  );
}

test.beforeAll(async () => {
  await query(`update rotations set outcome = 'cancelled', ended_at = rekey_now() where outcome is null`);
  await holdOne('survey-importer');
  // A worker that compares the credential with its issuer now would take the planted finding away, rightly.
  await query(`update credentials set drift_at = rekey_now() + interval '1 day' where name = 'fleet-api'`);
  await query(
    `insert into findings (id, credential_id, kind, detail)
     select gen_random_uuid(), id, 'unknown_secret', 'A secret that Rekey does not know is at the issuer.'
       from credentials where name = 'fleet-api'`,
  );
  await query(
    `with made as (
       insert into policies (id, name, interval_seconds, time_zone, grace_seconds)
       values (gen_random_uuid(), 'weekly (overview spec)', 604800, 'UTC', 60) returning id
     )
     insert into policy_assignments (credential_id, policy_id, slot, due_at)
     select c.id, made.id, rekey_now() + interval '3 days', rekey_now() + interval '3 days'
       from made, credentials c where c.name = 'report-builder'
     on conflict (credential_id) do update set policy_id = excluded.policy_id, slot = excluded.slot,
       due_at = excluded.due_at, next_slot = null, next_due_at = null`,
  );
});

test.afterAll(async () => {
  await query(`delete from rotations where plan_digest = 'spec'`);
  await query(`update credentials set drift_at = null where name = 'fleet-api'`);
  await query(
    `delete from policy_assignments where policy_id = (select id from policies where name = 'weekly (overview spec)')`,
  );
});

test('the home page names the worst of what fails and of what is due, and each number leads to its list', async ({
  operator: page,
}) => {
  await open(page, '/');
  await expect(page).toHaveURL(/\/overview$/);
  const failing = page.getByRole('link', { name: /^Failing 1 survey-importer/ });
  await expect(failing).toBeVisible();
  await expect(page.getByRole('link', { name: /^Due in 7 days \d+ [\w-]+, / })).toBeVisible();
  await failing.click();
  await expect(page).toHaveURL(/\/credentials\?state=failing/);
  await expect(page.getByRole('row').filter({ hasText: 'survey-importer' })).toContainText(
    'The new secret could not be delivered to every required target.',
  );
  await expect(page.getByRole('row').filter({ hasText: 'fleet-api' })).toHaveCount(0);
});

test('a held rotation needs attention with its reason, and leads to what can be done', async ({
  operator: page,
}) => {
  await open(page, '/overview');
  const item = attention(page).getByRole('listitem').filter({ hasText: 'survey-importer' });
  await expect(item).toContainText('Env file: the disk is full.');
  await item.getByRole('link', { name: /See what can be done/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'survey-importer' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Actions' })).toBeVisible();
});

test('an overview that is open shows what is held meanwhile, and no longer what has ended', async ({
  operator: page,
}) => {
  await open(page, '/overview');
  const item = attention(page).getByRole('listitem').filter({ hasText: 'report-builder' });
  await expect(attention(page).getByRole('listitem').filter({ hasText: 'survey-importer' })).toBeVisible();
  await expect(item).toHaveCount(0);
  await holdOne('report-builder');
  await expect(item).toContainText('Env file: the disk is full.');
  await query(
    `update rotations set outcome = 'cancelled', ended_at = rekey_now()
      where outcome is null and credential_id = (select id from credentials where name = 'report-builder')`,
  );
  await expect(item).toHaveCount(0);
});

test('a finding is shown with what to do, and is ignored with a reason', async ({ operator: page }) => {
  await open(page, '/overview');
  await attention(page).getByRole('link', { name: 'Look at it: fleet-api' }).click();
  const findings = page.getByRole('region', { name: 'Findings' });
  await expect(findings).toContainText('A secret that Rekey does not know is at the issuer.');
  await expect(findings.getByRole('link', { name: 'Replace it by a rotation…' })).toBeVisible();
  await findings.getByRole('button', { name: 'Ignore…' }).click();
  await findings.getByLabel('Why is it left as it is?').fill('The vendor keeps it for support.');
  await findings.getByRole('button', { name: 'Ignore this finding' }).click();
  await expect(findings).toContainText('The vendor keeps it for support.');
  await open(page, '/overview');
  await expect(attention(page)).not.toContainText('fleet-api');
});

test('the next 30 days are drawn, and said as a list', async ({ operator: page }) => {
  await open(page, '/overview');
  const next = page.getByRole('region', { name: 'Next 30 days' });
  await expect(next.getByRole('link', { name: 'report-builder' }).first()).toBeVisible();
  await next.getByText('As a list').click();
  const lines = next.getByRole('listitem').filter({ hasText: 'by the policy weekly (overview spec)' });
  await expect(lines).toHaveCount(4);
  await expect(lines.first()).toContainText(/\w{3} \d+ \w{3} \d{4}, \d\d:\d\d CES?T: report-builder/);
});

test('with no worker alive every page says that rotations will not run, until one is back', async ({
  operator: page,
}) => {
  let workers = 0;
  await page.route('**/running', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), workers } });
  });
  await open(page, '/policies');
  const banner = page.getByRole('alert').filter({ hasText: 'No worker is alive: rotations will not run.' });
  await expect(banner).toBeVisible();
  await page.getByRole('link', { name: 'Issuers' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Issuers' })).toBeVisible();
  await expect(banner).toBeVisible();
  workers = 1;
  await expect(banner).toHaveCount(0);
});

test('before the first rotation the steps that lead to it are shown, and only who may is given the button', async ({
  browser,
}) => {
  // As if the imported secrets were all still in use.
  await query(`update secret_versions set n = -n where n > 1 and state = 'current'`);
  for (const { who, sees } of [
    { who: 'operator@example.test', sees: 'Choose a credential' },
    { who: 'viewer@example.test', sees: 'It takes the role operator or admin.' },
  ]) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signIn(page, who);
    await open(page, '/overview');
    const steps = page.getByRole('region', { name: 'To your first rotation' });
    await expect(steps.getByRole('listitem')).toHaveCount(5);
    await expect(steps.getByRole('listitem').filter({ hasText: 'Bind it to its target' })).toContainText(
      'done',
    );
    await expect(steps.getByRole('listitem').filter({ hasText: 'Rotate it' })).toContainText(sees);
    await context.close();
  }
  await query(`update secret_versions set n = -n where n < 0`);
});

test('the overview is accessible in both themes and on phones, and nothing scrolls sideways at 320 px', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  for (const { colorScheme, width } of views) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    await signIn(page, 'admin@example.test');
    for (const path of ['/overview', '/credentials', '/rotations']) {
      await open(page, path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expectAccessible(page, `${path}, ${colorScheme}, ${width} px`);
    }
    await context.close();
  }
});
