import { CircleCheck, CircleSlash, Undo2 } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { CardCell, CardRow, CardTable, InPlaceOfSpare } from '#app/_components/card-table.tsx';
import { fill } from '#app/_components/fill.tsx';
import { RotationState } from '#app/_components/rotation-state.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago, TimeLeft } from '#app/_components/time.tsx';
import { outcomeWord, strategyWord } from '#app/_words/rotation.ts';
import { rotationTable as words } from '#app/_words/rotations.ts';
import { holdSentence } from '#core/rotation/holds.ts';
import type { RotationRow } from '#core/rotation/list-rotations.ts';

const { columns } = words;

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
  rotation: { phase, direction, hold, holdDetail, paused, outcome, overlapEndsAt },
}: {
  rotation: RotationRow;
}) {
  if (outcome !== null) {
    return <Ended outcome={outcome} />;
  }
  const goesOn = hold === null && paused === null && direction === 'forward';
  const counts = phase === 'overlap' && goesOn && overlapEndsAt !== null;
  return (
    <span className="inline-flex flex-col items-start gap-1 @max-table:items-end">
      <RotationState
        rotation={{ phase, direction, hold: hold === null ? null : holdSentence(hold), paused }}
      />
      {hold !== null && holdDetail !== null && (
        <span className="text-sm [overflow-wrap:anywhere] text-quiet">{holdDetail}</span>
      )}
      {counts && (
        <span className="text-sm text-quiet">
          {fill(words.overlapLeft, { time: <TimeLeft until={overlapEndsAt} /> })}
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
          <InPlaceOfSpare>{`${strategyWord(strategy)} · ${versions(rotation)}`}</InPlaceOfSpare>
        </>
      }
    >
      <CardCell label={columns.state}>
        <State rotation={rotation} />
      </CardCell>
      <CardCell label={columns.versions} spare>
        <span className="whitespace-nowrap">{versions(rotation)}</span>
      </CardCell>
      <CardCell label={columns.strategy} spare>
        {strategyWord(strategy)}
      </CardCell>
      <CardCell label={columns.askedBy}>
        <span className="[overflow-wrap:anywhere]">
          {requestedBy ?? '—'}
          {priority === 'breach' && <span className="font-medium text-bad"> {words.breach}</span>}
          {reason !== null && <span className="block text-sm text-quiet">{reason}</span>}
        </span>
      </CardCell>
      <CardCell label={columns.began}>
        <span className="whitespace-nowrap">
          <Ago at={createdAt} />
        </span>
      </CardCell>
      <CardCell label={columns.ended}>
        <span className="whitespace-nowrap">{endedAt === null ? '—' : <Ago at={endedAt} />}</span>
      </CardCell>
    </CardRow>
  );
}

const spare: readonly string[] = [columns.versions, columns.strategy];
const shown = Object.values(columns).map((name) => ({ name, spare: spare.includes(name) }));

/** A page of rotations: a table where there is room, cards on a phone. */
export function RotationsTable({ rotations }: { rotations: readonly RotationRow[] }) {
  return (
    <CardTable caption={words.caption} columns={shown}>
      {rotations.map((rotation) => (
        <Row key={rotation.id} rotation={rotation} />
      ))}
    </CardTable>
  );
}
