import { duration, shortDay } from '#app/_components/format-time.ts';
import { Panel } from '#app/_components/panel.tsx';
import { secretAges, successRate, timeToNew, trendTable } from '#app/_words/overview.ts';
import { Bars } from '#app/(console)/overview/bars.tsx';
import type { Trends as TrendsView } from '#core/rotation/read-trends.ts';

const ageWord = ({ from, to }: TrendsView['ages'][number]) =>
  to === null ? secretAges.from(from) : secretAges.between(from, to);

function rate(weeks: TrendsView['weeks']): string {
  const ended = weeks.reduce((sum, week) => sum + week.ended, 0);
  const completed = weeks.reduce((sum, week) => sum + week.completed, 0);
  return ended === 0 ? successRate.noneEnded : successRate.rate(Math.round((completed / ended) * 100), ended);
}

/** How rotations went, how long they took, and how old the secrets are. Each drawing has its table. */
export function Trends({ trends: { weeks, ages } }: { trends: TrendsView }) {
  const timed = weeks.filter(({ seconds }) => seconds !== null);
  const latest = timed.at(-1)?.seconds ?? null;
  const old = ages.filter(({ from }) => from >= 90).reduce((sum, { credentials }) => sum + credentials, 0);
  const all = ages.reduce((sum, { credentials }) => sum + credentials, 0);
  // Weeks begin on Monday, in UTC for everybody, so that two people see the same figures.
  const week = (at: string) => shortDay(at, 'UTC');
  return (
    <div className="grid items-start gap-6 lg:grid-cols-3">
      <Panel title={successRate.title}>
        <Bars
          says={rate(weeks)}
          head={[trendTable.week, successRate.completed, successRate.ended]}
          least={2}
          tooFew={trendTable.oneWeek}
          bars={weeks.map(({ week: at, completed, ended }) => ({
            name: week(at),
            value: completed,
            of: ended,
            cells: [String(completed), String(ended)],
          }))}
        />
      </Panel>
      <Panel title={timeToNew.title}>
        <Bars
          says={latest === null ? timeToNew.noneCompleted : timeToNew.latest(duration(latest))}
          head={[trendTable.week, timeToNew.median]}
          least={2}
          tooFew={trendTable.oneWeek}
          bars={weeks.map(({ week: at, seconds }) => ({
            name: week(at),
            value: seconds ?? 0,
            of: null,
            cells: [seconds === null ? timeToNew.none : duration(seconds)],
          }))}
        />
      </Panel>
      <Panel title={secretAges.title}>
        <Bars
          says={all === 0 ? secretAges.noSecret : secretAges.old(old, all)}
          head={[secretAges.age, secretAges.secrets]}
          bars={ages.map((age) => ({
            name: ageWord(age),
            value: age.credentials,
            of: null,
            cells: [String(age.credentials)],
          }))}
        />
      </Panel>
    </div>
  );
}
