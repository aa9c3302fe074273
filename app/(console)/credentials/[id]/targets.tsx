import { CircleCheck, CircleDashed, History } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge } from '#app/_components/badge.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { TableBox, Td, Th } from '#app/_components/table.tsx';
import { Ago } from '#app/_components/time.tsx';
import { targetsPanel as words } from '#app/_words/credential.ts';
import { levelWord } from '#app/_words/rotation.ts';
import type { CredentialView } from '#core/credentials/read-credential.ts';

type Binding = CredentialView['bindings'][number];
type Version = CredentialView['versions'][number];

/** As many columns as stay readable. */
const COLUMNS = 4;

/** The versions that a target can hold: those that still work or will, and others that some target has not let go of. */
function columnsOf(versions: readonly Version[], bindings: readonly Binding[]): Version[] {
  const alive = ['pending', 'current', 'previous'];
  const held = new Set(bindings.map(({ deliveries }) => deliveries[0]?.version));
  return versions.filter(({ n, state }) => alive.includes(state) || held.has(n)).slice(0, COLUMNS);
}

function Cell({ binding: { deliveries }, version: { n } }: { binding: Binding; version: Version }) {
  const delivery = deliveries.find(({ version }) => version === n);
  if (delivery === undefined) {
    return <span className="text-sm text-quiet">{words.notDelivered}</span>;
  }
  const { level, confirmedAt } = delivery;
  if (deliveries[0] !== delivery) {
    return (
      <Badge tone="quiet" icon={History}>
        {words.hadIt}
      </Badge>
    );
  }
  const confirmed = confirmedAt !== null;
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <Badge tone={confirmed ? 'good' : 'busy'} icon={confirmed ? CircleCheck : CircleDashed}>
        {levelWord(level)}
      </Badge>
      {confirmedAt !== null && (
        <span className="text-sm whitespace-nowrap text-quiet">
          <Ago at={confirmedAt} />
        </span>
      )}
    </div>
  );
}

function About({ binding }: { binding: Binding }) {
  return (
    <>
      <span className="font-semibold">{binding.target}</span>
      <span className="block text-sm text-quiet [overflow-wrap:anywhere]">{binding.keys.join(', ')}</span>
      <span className="block text-sm text-quiet">
        {binding.kindTitle} ·{' '}
        {binding.required ? words.required(binding.needs) : words.bestEffort(binding.needs)}
      </span>
      {binding.canary && <span className="block text-sm text-quiet">{words.canary}</span>}
      {binding.readsNext && <span className="block text-sm text-quiet">{words.readsNext}</span>}
    </>
  );
}

/** Which target holds which version, how surely, and what is asked of it. */
export function Targets({
  bindings,
  versions,
  acts = null,
  note = null,
}: {
  bindings: readonly Binding[];
  versions: readonly Version[];
  /** What can be done with each, where something can. */
  acts?: ((binding: Binding) => ReactNode) | null;
  /** Why nothing can, where nothing can. */
  note?: string | null;
}) {
  if (bindings.length === 0) {
    return (
      <Panel title={words.title}>
        <p className="text-quiet">{words.none}</p>
      </Panel>
    );
  }
  const columns = columnsOf(versions, bindings);
  return (
    <Panel title={words.title} flush>
      <TableBox label={words.table}>
        <table className="w-full min-w-md">
          <thead>
            <tr className="border-line border-b">
              <Th className="sm:pl-5">{words.target}</Th>
              {columns.map(({ id, n, state }) => (
                <Th key={id}>
                  v{n} <span className="font-normal">{state}</span>
                </Th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bindings.map((binding) => (
              <tr key={binding.id} className="border-line border-b last:border-b-0">
                <Td className="min-w-48 sm:pl-5">
                  <About binding={binding} />
                  {acts?.(binding)}
                </Td>
                {columns.map((version) => (
                  <Td key={version.id} className="whitespace-nowrap">
                    <Cell binding={binding} version={version} />
                  </Td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
      {note !== null && <p className="px-4 pb-3 text-sm text-quiet sm:px-5">{note}</p>}
    </Panel>
  );
}
