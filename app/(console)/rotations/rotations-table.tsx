import { CircleCheck, CircleSlash, Undo2 } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { CardCell, CardRow, CardTable } from '#app/_components/card-table.tsx';
import { RotationState } from '#app/_components/rotation-state.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago, TimeLeft } from '#app/_components/time.tsx';
import { outcomeWord, strategyWord } from '#app/_words/rotation.ts';
import { holdSentence } from '#core/rotation/holds.ts';
import type { RotationRow } from '#core/rotation/list-rotations.ts';

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
    <CardRow
      about={
        <>
          <TextLink
            href={`/rotations/${id}`}
            data-row
            className="scroll-mt-24 scroll-mb-24 font-semibold [overflow-wrap:anywhere]"
          >
            {credential}
          </TextLink>
          <span className="block text-sm text-quiet">{environment}</span>
        </>
      }
    >
      <CardCell label="State">
        <State rotation={rotation} />
      </CardCell>
      <CardCell label="Versions">
        <span className="whitespace-nowrap">{versions(rotation)}</span>
      </CardCell>
      <CardCell label="Strategy">{strategyWord(strategy)}</CardCell>
      <CardCell label="Asked for by">
        <span className="[overflow-wrap:anywhere]">
          {requestedBy ?? '—'}
          {priority === 'breach' && <span className="font-medium text-bad"> because of a breach</span>}
          {reason !== null && <span className="block text-sm text-quiet">{reason}</span>}
        </span>
      </CardCell>
      <CardCell label="Began">
        <span className="whitespace-nowrap">
          <Ago at={createdAt} />
        </span>
      </CardCell>
      <CardCell label="Ended">
        <span className="whitespace-nowrap">{endedAt === null ? '—' : <Ago at={endedAt} />}</span>
      </CardCell>
    </CardRow>
  );
}

const columns = ['Credential', 'State', 'Versions', 'Strategy', 'Asked for by', 'Began', 'Ended'];

/** A page of rotations: a table where there is room, cards where there is not. */
export function RotationsTable({ rotations }: { rotations: readonly RotationRow[] }) {
  return (
    <CardTable caption="Rotations" columns={columns}>
      {rotations.map((rotation) => (
        <Row key={rotation.id} rotation={rotation} />
      ))}
    </CardTable>
  );
}
