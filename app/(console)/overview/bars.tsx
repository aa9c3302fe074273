import { TableBox, Td, Th } from '#app/_components/table.tsx';
import { trendTable } from '#app/_words/overview.ts';

export interface Bar {
  name: string;
  value: number;
  /** The whole that the value is a part of, drawn behind it; null where there is none. */
  of: number | null;
  /** The same as figures, for the table. */
  cells: readonly string[];
}

const HEIGHT = 72;

function Drawing({ bars }: { bars: readonly Bar[] }) {
  const most = Math.max(0, ...bars.map(({ value, of }) => of ?? value));
  const height = (value: number) => (value === 0 ? 0 : Math.max(3, (value / most) * HEIGHT));
  const width = 100 / bars.length;
  return (
    <>
      <svg aria-hidden="true" height={HEIGHT + 1} className="mt-3 block w-full">
        {bars.map(({ name, value, of }, n) => {
          const place = { x: `${n * width + width * 0.15}%`, width: `${width * 0.7}%` };
          return (
            <g key={name}>
              {of !== null && (
                <rect {...place} y={HEIGHT - height(of)} height={height(of)} className="fill-warn/50" />
              )}
              <rect {...place} y={HEIGHT - height(value)} height={height(value)} className="fill-accent" />
            </g>
          );
        })}
        <line x1="0" x2="100%" y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} className="stroke-line" />
      </svg>
      <p aria-hidden className="mt-1 flex justify-between text-xs text-quiet">
        <span>{bars[0]?.name}</span>
        <span>{bars.at(-1)?.name}</span>
      </p>
    </>
  );
}

/**
 * One bar for each entry. The sentence above says what it shows; the table below has every figure. Fewer bars than tell something
 * beside one another are not drawn, and where there is no figure at all the sentence stands alone.
 */
export function Bars({
  says,
  head,
  bars,
  least = 1,
  tooFew,
}: {
  says: string;
  head: readonly string[];
  bars: readonly Bar[];
  /** How many have to have a figure for a drawing. */
  least?: number;
  /** Said in place of a drawing that has too few. */
  tooFew?: string;
}) {
  const filled = bars.filter(({ value, of }) => (of ?? value) > 0).length;
  if (filled === 0) {
    return <p className="text-sm">{says}</p>;
  }
  return (
    <>
      <p className="text-sm">{says}</p>
      {filled < least && <p className="mt-1 text-sm text-quiet">{tooFew}</p>}
      {filled >= least && <Drawing bars={bars} />}
      <details className="mt-2">
        <summary className="inline-flex min-h-6 items-center text-sm text-accent">{trendTable.open}</summary>
        <TableBox label={head.join(', ')} className="mt-2">
          <table className="w-full text-sm">
            <thead>
              <tr>
                {head.map((name) => (
                  <Th key={name} className="px-2">
                    {name}
                  </Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {bars.map(({ name, cells }) => (
                <tr key={name} className="border-line border-t">
                  <Td className="px-2 py-1">{name}</Td>
                  {cells.map((cell, n) => (
                    <Td key={head[n + 1]} className="px-2 py-1">
                      {cell}
                    </Td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </TableBox>
      </details>
    </>
  );
}
