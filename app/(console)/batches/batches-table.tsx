import { CardCell, CardRow, CardTable } from '#app/_components/card-table.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { BatchState } from '#app/(console)/batches/batch-state.tsx';
import type { BatchRow } from '#core/rotation/batches/list-batches.ts';

function Row({
  batch: { id, state, reason, startedBy, createdAt, endedAt, credentials, done, failed },
}: {
  batch: BatchRow;
}) {
  return (
    <CardRow
      about={
        <TextLink
          href={`/batches/${id}`}
          data-row
          className="scroll-mt-24 scroll-mb-24 font-semibold [overflow-wrap:anywhere]"
        >
          {reason}
        </TextLink>
      }
    >
      <CardCell label="State">
        <BatchState state={state} failed={failed} />
      </CardCell>
      <CardCell label="New secret in use">
        <span className="whitespace-nowrap">
          {done} of {credentials}
        </span>
      </CardCell>
      <CardCell label="Failed">{failed}</CardCell>
      <CardCell label="Started by">
        <span className="[overflow-wrap:anywhere]">{startedBy}</span>
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

const columns = ['Reason', 'State', 'New secret in use', 'Failed', 'Started by', 'Began', 'Ended'];

/** A page of batches: a table where there is room, cards where there is not. */
export function BatchesTable({ batches }: { batches: readonly BatchRow[] }) {
  return (
    <CardTable caption="Batches" columns={columns}>
      {batches.map((batch) => (
        <Row key={batch.id} batch={batch} />
      ))}
    </CardTable>
  );
}
