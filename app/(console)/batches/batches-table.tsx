import { Td, Th } from '#app/_components/table.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { BatchState } from '#app/(console)/batches/batch-state.tsx';
import type { BatchRow } from '#core/rotation/batches/list-batches.ts';

const cell =
  'max-xl:flex max-xl:justify-between max-xl:gap-4 max-xl:p-0 max-xl:text-right max-xl:before:text-left max-xl:before:text-sm max-xl:before:text-quiet max-xl:before:content-[attr(data-label)]';

function Row({
  batch: { id, state, reason, startedBy, createdAt, endedAt, credentials, done, failed },
}: {
  batch: BatchRow;
}) {
  return (
    <tr className="max-xl:flex max-xl:flex-col max-xl:gap-2 max-xl:rounded-lg max-xl:border max-xl:border-line max-xl:bg-surface max-xl:p-4 max-xl:shadow-xs xl:hover:bg-ground">
      <Td className="max-xl:p-0 xl:min-w-52">
        <TextLink
          href={`/batches/${id}`}
          data-row
          className="scroll-mt-24 scroll-mb-24 font-semibold [overflow-wrap:anywhere]"
        >
          {reason}
        </TextLink>
      </Td>
      <Td className={cell} data-label="State">
        <BatchState state={state} failed={failed} />
      </Td>
      <Td className={cell} data-label="New secret in use">
        <span className="whitespace-nowrap">
          {done} of {credentials}
        </span>
      </Td>
      <Td className={cell} data-label="Failed">
        {failed}
      </Td>
      <Td className={cell} data-label="Started by">
        <span className="[overflow-wrap:anywhere]">{startedBy}</span>
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

/** A page of batches: a table where there is room, cards where there is not. */
export function BatchesTable({ batches }: { batches: readonly BatchRow[] }) {
  return (
    <table className="w-full max-xl:block xl:border-separate xl:border-spacing-0 xl:rounded-lg xl:border xl:border-line xl:bg-surface xl:shadow-xs">
      <caption className="sr-only">Batches</caption>
      <thead className="max-xl:sr-only">
        <tr>
          <Th>Reason</Th>
          <Th>State</Th>
          <Th>New secret in use</Th>
          <Th>Failed</Th>
          <Th>Started by</Th>
          <Th>Began</Th>
          <Th>Ended</Th>
        </tr>
      </thead>
      <tbody className="max-xl:grid max-xl:gap-4 md:max-xl:grid-cols-2 xl:[&_td]:border-line xl:[&_td]:border-t">
        {batches.map((batch) => (
          <Row key={batch.id} batch={batch} />
        ))}
      </tbody>
    </table>
  );
}
