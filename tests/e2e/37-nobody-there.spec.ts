import { openRotateSheet, rotateFromSheet } from '#tests/e2e/support/rotate.ts';
import { endOverlap, expect, query, stack, test } from '#tests/e2e/support/stack.ts';

const ELEVEN_MINUTES = 11 * 60_000;

test.beforeAll(() => endOverlap('fleet-api'));
test.afterAll(() => endOverlap('fleet-api'));

test('a page asks nothing by itself once nobody has touched it for ten minutes, so that the session can end', async ({
  operator: page,
}) => {
  await page.clock.install();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  for (const [address, question] of [
    ['/audit', '/audit/newer'],
    ['/overview', '/running'],
  ] as const) {
    await page.goto(`${stack.url}${address}`);
    await page.clock.runFor(6_000);
    await expect.poll(() => asked).toContain(question);
    await page.clock.fastForward(ELEVEN_MINUTES);
    asked.length = 0;
    await page.clock.runFor(30_000);
    expect(asked.filter((path) => path === question)).toEqual([]);
    await page.mouse.move(200, 200);
    await page.mouse.move(220, 220);
    await page.clock.runFor(6_000);
    await expect.poll(() => asked).toContain(question);
  }
});

test('a rotation is followed no further while nobody is there, says so, and is followed again', async ({
  operator: page,
}) => {
  const [fleet] = await query<{ id: string }>(`select id from credentials where name = 'fleet-api'`);
  await page.goto(`${stack.url}/credentials/${fleet?.id}`);
  await openRotateSheet(page);
  await rotateFromSheet(page);
  await page.waitForURL('**/rotations/*');
  await expect(page.getByRole('status').filter({ hasText: 'Phase: Overlap' })).toBeAttached();
  await page.clock.install();
  await page.reload();
  await expect(page.getByText('live', { exact: true })).toBeVisible();
  await page.clock.fastForward(ELEVEN_MINUTES);
  await page.clock.runFor(20_000);
  await expect(page.getByText('not live while nobody is here')).toBeVisible();
  await page.mouse.move(200, 200);
  await page.mouse.move(220, 220);
  await expect(page.getByText('live', { exact: true })).toBeVisible();
});
