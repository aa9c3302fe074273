import { duration, shortDay } from '#app/_components/format-time.ts';
import { Panel } from '#app/_components/panel.tsx';
import { Bars } from '#app/(console)/overview/bars.tsx';
import type { Trends as TrendsView } from '#core/rotation/read-trends.ts';

const ageWord = ({ from, to }: TrendsView['ages'][number]) =>
  to === null ? `${from}+ days` : `${from}–${to} days`;

function rate(weeks: TrendsView['weeks']): string {
  const ended = weeks.reduce((sum, week) => sum + week.ended, 0);
  const completed = weeks.reduce((sum, week) => sum + week.completed, 0);
  return ended === 0
    ? 'No rotation ended in the last twelve weeks.'
    : `${Math.round((completed / ended) * 100)} % of ${ended} rotations completed in the last twelve weeks.`;
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
    <div className="grid gap-6 lg:grid-cols-3">
      <Panel title="Success rate">
        <Bars
          says={rate(weeks)}
          head={['Week from (UTC)', 'Completed', 'Ended']}
          bars={weeks.map(({ week: at, completed, ended }) => ({
            name: week(at),
            value: completed,
            of: ended,
            cells: [String(completed), String(ended)],
          }))}
        />
      </Panel>
      <Panel title="Time to the new version">
        <Bars
          says={
            latest === null
              ? 'No rotation completed in the last twelve weeks.'
              : `The median of the latest week is ${duration(latest)}, from the request to the new version in use.`
          }
          head={['Week from (UTC)', 'Median']}
          bars={weeks.map(({ week: at, seconds }) => ({
            name: week(at),
            value: seconds ?? 0,
            of: null,
            cells: [seconds === null ? 'none' : duration(seconds)],
          }))}
        />
      </Panel>
      <Panel title="Age of the secrets">
        <Bars
          says={
            all === 0
              ? 'There is no secret yet.'
              : `${old} of ${all} secrets in use are 90 days old or older.`
          }
          head={['Age', 'Secrets']}
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
