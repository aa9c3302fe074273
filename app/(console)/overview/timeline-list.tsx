import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import type { Upcoming } from '#core/policies/list-upcoming.ts';

/** As many lines as somebody reads; the drawing and the list of credentials show the others. */
const LINES = 100;

const pauses = {
  everything: 'everything is paused',
  issuer: 'its issuer is paused',
  credential: 'it is paused',
};

/** The same as the drawing, in words and in order. */
export function TimelineList({ upcoming: { runs, overlaps, blackouts } }: { upcoming: Upcoming }) {
  return (
    <details className="mt-3">
      <summary className="inline-flex min-h-6 items-center text-accent">As a list</summary>
      <ol className="mt-2 flex flex-col gap-1.5 text-sm">
        {overlaps.map(({ rotationId, credential, to, held }) => (
          <li key={rotationId}>
            <TextLink href={`/rotations/${rotationId}`}>{credential}</TextLink> is in overlap
            {held ? ', and held' : to !== null && <> until {<Moment at={to} />}</>}.
          </li>
        ))}
        {blackouts.map(({ policyId, policy, from, to, reason }) => (
          <li key={`${policyId} ${from}`}>
            {policy} starts nothing from <Moment at={from} /> to <Moment at={to} />: {reason}
          </li>
        ))}
        {runs.slice(0, LINES).map(({ credentialId, credential, policy, at, slot, pausedBy }) => (
          <li key={`${credentialId} ${slot}`}>
            <Moment at={at} />: <TextLink href={`/credentials/${credentialId}`}>{credential}</TextLink>, by
            the policy {policy}
            {pausedBy !== null && `; it would be skipped now, because ${pauses[pausedBy]}`}.
          </li>
        ))}
      </ol>
      {runs.length > LINES && (
        <p className="mt-2 text-sm text-quiet">{runs.length - LINES} later rotations are not listed.</p>
      )}
    </details>
  );
}
