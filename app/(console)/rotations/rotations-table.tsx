import { CircleCheck, CircleSlash, Undo2 } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { RotationState } from '#app/_components/rotation-state.tsx';
import { Td, Th } from '#app/_components/table.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago, TimeLeft } from '#app/_components/time.tsx';
import { outcomeWord, strategyWord } from '#app/_components/words.ts';
import { holdSentence } from '#core/rotation/holds.ts';
import type { RotationRow } from '#core/rotation/list-rotations.ts';

const cell =
  'max-xl:flex max-xl:justify-between max-xl:gap-4 max-xl:p-0 max-xl:text-right max-xl:before:text-left max-xl:before:text-sm max-xl:before:text-quiet max-xl:before:content-[attr(data-label)]';

function Ended({ outcome }: { outcome: string }) {
  const completed = outcome === 'completed';
  const Icon = completed ? CircleCheck : outcome === 'rolled_back' ? Undo2 : CircleSlash;
  return (
    <Badge tone={completed ? 'good' : 'quiet'} icon={Icon}>
      {outcomeWord(outcome)}
    </Badge>
  );
}

function State({
  rotation: { phase, direction, hold, holdDetail, outcome, overlapEndsAt },
}: {
  rotation: RotationRow;
}) {
  if (outcome !== null) {
    return <Ended outcome={outcome} />;
  }
  const counts = phase === 'overlap' && hold === null && direction === 'forward' && overlapEndsAt !== null;
  return (
    <span className="inline-flex flex-col items-start gap-1 max-xl:items-end">
      <RotationState rotation={{ phase, direction, hold: hold === null ? null : holdSentence(hold) }} />
      {hold !== null && holdDetail !== null && (
        <span className="text-sm [overflow-wrap:anywhere] text-quiet">{holdDetail}</span>
      )}
      {counts && (
        <span className="text-sm text-quiet">
          <TimeLeft until={overlapEndsAt} /> left
        </span>
      )}
    </span>
  );
}

function versions({ fromVersion, toVersion }: RotationRow): string {
  const name = (n: number | null) => (n === null ? '—' : `v${n}`);
  return `${name(fromVersion)} → ${name(toVersion)}`;
}

function Row({ rotation }: { rotation: RotationRow }) {
  const { id, credential, environment, strategy, priority, requestedBy, reason, createdAt, endedAt } =
    rotation;
  return (
    <tr className="max-xl:flex max-xl:flex-col max-xl:gap-2 max-xl:rounded-lg max-xl:border max-xl:border-line max-xl:bg-surface max-xl:p-4 max-xl:shadow-xs xl:hover:bg-ground">
      <Td className="max-xl:p-0 xl:min-w-52">
        <TextLink
          href={`/rotations/${id}`}
          data-row
          className="scroll-mt-24 scroll-mb-24 font-semibold [overflow-wrap:anywhere]"
        >
          {credential}
        </TextLink>
        <span className="block text-sm text-quiet">{environment}</span>
      </Td>
      <Td className={cell} data-label="State">
        <State rotation={rotation} />
      </Td>
      <Td className={cell} data-label="Versions">
        <span className="whitespace-nowrap">{versions(rotation)}</span>
      </Td>
      <Td className={cell} data-label="Strategy">
        {strategyWord(strategy)}
      </Td>
      <Td className={cell} data-label="Asked for by">
        <span className="[overflow-wrap:anywhere]">
          {requestedBy ?? '—'}
          {priority === 'breach' && <span className="font-medium text-bad"> because of a breach</span>}
          {reason !== null && <span className="block text-sm text-quiet">{reason}</span>}
        </span>
      </Td>
      <Td className={cell} data-label="Began">
        <span className="whitespace-nowrap">
          <Ago at={createdAt} />
        </span>
      </Td>
      <Td className={cell} data-label="Ended">
        <span className="whitespace-nowrap">{endedAt === null ? '—' : <Ago at={endedAt} />}</span>
      </Td>
    </tr>
  );
}

/** A page of rotations: a table where there is room, cards where there is not. */
export function RotationsTable({ rotations }: { rotations: readonly RotationRow[] }) {
  return (
    <table className="w-full max-xl:block xl:border-separate xl:border-spacing-0 xl:rounded-lg xl:border xl:border-line xl:bg-surface xl:shadow-xs">
      <caption className="sr-only">Rotations</caption>
      <thead className="max-xl:sr-only">
        <tr>
          <Th>Credential</Th>
          <Th>State</Th>
          <Th>Versions</Th>
          <Th>Strategy</Th>
          <Th>Asked for by</Th>
          <Th>Began</Th>
          <Th>Ended</Th>
        </tr>
      </thead>
      <tbody className="max-xl:grid max-xl:gap-4 md:max-xl:grid-cols-2 xl:[&_td]:border-line xl:[&_td]:border-t">
        {rotations.map((rotation) => (
          <Row key={rotation.id} rotation={rotation} />
        ))}
      </tbody>
    </table>
  );
}
