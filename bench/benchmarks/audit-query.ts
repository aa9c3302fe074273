import type { AuditLogHandlers } from '#bench/audit-log.ts';
import type { Asked } from '#bench/child.ts';
import { type Finding, find, interleave, type Result, round, type Settings } from '#bench/runner.ts';
import type { World } from '#bench/world.ts';

const GOAL_P99_MS = 20;

interface Times {
  p50: number;
  p99: number;
}

/** A page of the audit log against its first page without a filter: its deepest page, and each filter. */
async function judge(
  child: Asked<AuditLogHandlers>,
  settings: Settings,
  plans: string,
): Promise<{ findings: Finding[]; worst: number }> {
  const rows = settings.rows;
  const times = Math.max(10, Math.round(settings.seconds * 20));
  const page = (question: string, deepest: boolean) => () =>
    child.ask('run', { question, deepest, times, rows });
  const subjects = [
    { what: 'deepest page', run: page('no filter', true) },
    ...(await child.ask('questions', undefined))
      .filter((question) => question !== 'no filter')
      .map((question) => ({ what: question, run: page(question, false) })),
  ];
  const findings: Finding[] = [];
  let worst = 0;
  for (const { what, run } of subjects) {
    const pairs = await interleave<Times>(settings.pairs, page('no filter', false), run);
    const p99 = Math.max(...pairs.map(({ subject }) => subject.p99));
    worst = Math.max(worst, p99);
    const finding = find(`${what}${plans}`, pairs, (time) => time.p50, { unit: 'ms', bound: { atMost: 2 } });
    findings.push({ ...finding, subject: `${finding.subject}, p99 ${round(p99)}` });
  }
  return { findings, worst };
}

/** p50 of one page of a long audit log, with plans for each question and with generic ones. */
export async function auditQuery(world: World, settings: Settings): Promise<Result[]> {
  const { appUrl, ownerUrl } = await world.database('audit');
  const generic = new URL(appUrl);
  generic.searchParams.set('options', '-c plan_cache_mode=force_generic_plan');
  const env = { BENCH_OWNER_URL: ownerUrl };
  const custom = await world.start<AuditLogHandlers>('audit-log', { ...env, DATABASE_URL: appUrl });
  const forced = await world.start<AuditLogHandlers>('audit-log', { ...env, DATABASE_URL: generic.href });
  const begun = performance.now();
  await custom.ask('fill', settings.rows);
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(`${settings.rows.toLocaleString('en')} audit events, written and indexed in ${seconds} s`);
  const own = await judge(custom, settings, '');
  const same = await judge(forced, settings, ', generic plan');
  await custom.stop();
  await forced.stop();
  console.log(
    `The longest p99 of a page is ${round(Math.max(own.worst, same.worst))} ms; the goal is ${GOAL_P99_MS} ms.`,
  );
  return [...own.findings, ...same.findings];
}
