import { CardCell, CardRow, CardTable, InPlaceOfSpare } from '#app/_components/card-table.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { batchTable as words } from '#app/_words/batches.ts';
import { BatchState } from '#app/(console)/batches/batch-state.tsx';
import type { BatchRow } from '#core/rotation/batches/list-batches.ts';

const { columns } = words;

function Row({
  batch: { id, state, reason, startedBy, createdAt, endedAt, credentials, done, failed },
}: {
  batch: BatchRow;
}) {
  return (
    <CardRow
      about={
        <>
          <TextLink
            href={`/batches/${id}`}
            data-row
            className="scroll-mt-24 scroll-mb-24 font-semibold [overflow-wrap:anywhere]"
          >
            {reason}
          </TextLink>
          <InPlaceOfSpare>
            {words.by(startedBy)}
            {failed > 0 && ` · ${words.failures(failed)}`}
          </InPlaceOfSpare>
        </>
      }
    >
      <CardCell label={columns.state}>
        <BatchState state={state} failed={failed} />
      </CardCell>
      <CardCell label={columns.inUse}>
        <span className="whitespace-nowrap">{words.inUse(done, credentials)}</span>
      </CardCell>
      <CardCell label={columns.failed} spare>
        {failed}
      </CardCell>
      <CardCell label={columns.startedBy} spare>
        <span className="[overflow-wrap:anywhere]">{startedBy}</span>
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

const spare: readonly string[] = [columns.failed, columns.startedBy];
const shown = Object.values(columns).map((name) => ({ name, spare: spare.includes(name) }));

/** A page of batches: a table where there is room, cards on a phone. */
export function BatchesTable({ batches }: { batches: readonly BatchRow[] }) {
  return (
    <CardTable caption={words.caption} columns={shown}>
      {batches.map((batch) => (
        <Row key={batch.id} batch={batch} />
      ))}
    </CardTable>
  );
}
