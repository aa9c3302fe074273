import clsx from 'clsx';
import type { ComponentProps, ReactNode } from 'react';
import { Td, Th } from '#app/_components/table.tsx';

/*
 * A table where there is room for its columns. Where there is none each row is a card: the head is hidden, and every cell carries its
 * own label.
 */

/** A table with these columns. */
export function CardTable({
  caption,
  columns,
  className,
  children,
}: {
  caption: string;
  columns: readonly string[];
  className?: string;
  children: ReactNode;
}) {
  return (
    <table
      className={clsx(
        'w-full max-xl:block xl:border-separate xl:border-spacing-0 xl:rounded-lg xl:border xl:border-line xl:bg-surface xl:shadow-xs',
        className,
      )}
    >
      <caption className="sr-only">{caption}</caption>
      <thead className="max-xl:sr-only">
        <tr>
          {columns.map((column) => (
            <Th key={column}>{column}</Th>
          ))}
        </tr>
      </thead>
      <tbody className="max-xl:grid max-xl:gap-4 md:max-xl:grid-cols-2 xl:[&_td]:border-line xl:[&_td]:border-t">
        {children}
      </tbody>
    </table>
  );
}

/** One row, or one card, which begins with what it is about. */
export function CardRow({ about, children }: { about: ReactNode; children: ReactNode }) {
  return (
    <tr className="max-xl:flex max-xl:flex-col max-xl:gap-2 max-xl:rounded-lg max-xl:border max-xl:border-line max-xl:bg-surface max-xl:p-4 max-xl:shadow-xs xl:hover:bg-ground">
      <Td className="max-xl:p-0 xl:min-w-52">{about}</Td>
      {children}
    </tr>
  );
}

/** A cell with the name of its column. */
export function CardCell({
  label,
  className,
  children,
}: { label: string } & Pick<ComponentProps<'td'>, 'className' | 'children'>) {
  return (
    <Td
      className={clsx(
        'max-xl:flex max-xl:justify-between max-xl:gap-4 max-xl:p-0 max-xl:text-right max-xl:before:text-left max-xl:before:text-sm max-xl:before:text-quiet max-xl:before:content-[attr(data-label)]',
        className,
      )}
      data-label={label}
    >
      {children}
    </Td>
  );
}
