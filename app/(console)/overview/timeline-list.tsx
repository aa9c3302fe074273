import { fill } from '#app/_components/fill.tsx';
import { SentenceLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import { timelineList as words } from '#app/_words/overview.ts';
import type { Upcoming } from '#core/policies/list-upcoming.ts';

/** As many lines as somebody reads; the drawing and the list of credentials show the others. */
const LINES = 100;

function OverlapLine({ overlap }: { overlap: Upcoming['overlaps'][number] }) {
  const credential = (
    <SentenceLink href={`/rotations/${overlap.rotationId}`}>{overlap.credential}</SentenceLink>
  );
  if (overlap.held) {
    return fill(words.inOverlapHeld, { credential });
  }
  return overlap.to === null
    ? fill(words.inOverlap, { credential })
    : fill(words.inOverlapUntil, { credential, to: <Moment at={overlap.to} /> });
}

/** The same as the drawing, in words and in order. */
export function TimelineList({ upcoming: { runs, overlaps, blackouts } }: { upcoming: Upcoming }) {
  return (
    <details className="mt-3">
      <summary className="inline-flex min-h-6 items-center text-accent">{words.open}</summary>
      <ol className="mt-2 flex flex-col gap-1.5 text-sm">
        {overlaps.map((overlap) => (
          <li key={overlap.rotationId}>
            <OverlapLine overlap={overlap} />
          </li>
        ))}
        {blackouts.map(({ policyId, policy, from, to, reason }) => (
          <li key={`${policyId} ${from}`}>
            {fill(words.blackout, { policy, from: <Moment at={from} />, to: <Moment at={to} />, reason })}
          </li>
        ))}
        {runs.slice(0, LINES).map(({ credentialId, credential, policy, at, slot, pausedBy }) => (
          <li key={`${credentialId} ${slot}`}>
            {fill(pausedBy === null ? words.run : words.skipped[pausedBy], {
              at: <Moment at={at} />,
              credential: <SentenceLink href={`/credentials/${credentialId}`}>{credential}</SentenceLink>,
              policy,
            })}
          </li>
        ))}
      </ol>
      {runs.length > LINES && (
        <p className="mt-2 text-sm text-quiet">{words.notListed(runs.length - LINES)}</p>
      )}
    </details>
  );
}
