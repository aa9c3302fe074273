import clsx from 'clsx';
import type { ComponentProps, ReactNode } from 'react';
import { Td, Th } from '#app/_components/table.tsx';

/*
 * A table by the room that the list itself has. Where there is room for every column, it has them all; in less it leaves out the
 * columns that are `spare`, and says what stood in them beside what the row is about; on a phone each row is a card: the head is
 * hidden, and every cell carries its own label.
 */

const spareClass = '@table:@max-whole:hidden';

export interface Column {
  name: string;
  /** Left out where not every column has room. */
  spare?: boolean;
}

/** A table with these columns. */
export function CardTable({
  caption,
  columns,
  children,
}: {
  caption: string;
  columns: readonly Column[];
  children: ReactNode;
}) {
  return (
    <div className="@container">
      <table className="w-full @max-table:block @table:border-separate @table:border-spacing-0 @table:rounded-lg @table:border @table:border-line @table:bg-surface @table:shadow-xs @table:[&_td]:px-3 @table:[&_th]:px-3">
        <caption className="sr-only">{caption}</caption>
        <thead className="@max-table:sr-only">
          <tr>
            {columns.map(({ name, spare }) => (
              <Th key={name} className={clsx(spare && spareClass)}>
                {name}
              </Th>
            ))}
          </tr>
        </thead>
        <tbody className="@max-table:grid @max-table:gap-4 @min-[36rem]:@max-table:grid-cols-2 @table:[&_td]:border-line @table:[&_td]:border-t">
          {children}
        </tbody>
      </table>
    </div>
  );
}

/** One row, or one card, which begins with what it is about. */
export function CardRow({ about, children }: { about: ReactNode; children: ReactNode }) {
  return (
    <tr className="@max-table:flex @max-table:flex-col @max-table:gap-2 @max-table:rounded-lg @max-table:border @max-table:border-line @max-table:bg-surface @max-table:p-4 @max-table:shadow-xs @table:hover:bg-ground">
      <Td className="@max-table:p-0 @table:min-w-52">{about}</Td>
      {children}
    </tr>
  );
}

/** A cell with the name of its column. */
export function CardCell({
  label,
  spare = false,
  className,
  children,
}: { label: string; spare?: boolean } & Pick<ComponentProps<'td'>, 'className' | 'children'>) {
  return (
    <Td
      className={clsx(
        '@max-table:flex @max-table:justify-between @max-table:gap-4 @max-table:p-0 @max-table:text-right @max-table:before:text-left @max-table:before:text-sm @max-table:before:text-quiet @max-table:before:content-[attr(data-label)]',
        spare && spareClass,
        className,
      )}
      data-label={label}
    >
      {children}
    </Td>
  );
}

/** What stands in spare columns, said where they are left out. */
export function InPlaceOfSpare({ children }: { children: ReactNode }) {
  return (
    <span className="hidden text-sm [overflow-wrap:anywhere] text-quiet @table:@max-whole:block">
      {children}
    </span>
  );
}
