import { CircleCheck, CircleDashed } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { TableBox, Td, Th } from '#app/_components/table.tsx';
import { Ago } from '#app/_components/time.tsx';
import { levelWord } from '#app/_components/words.ts';
import type { CredentialView } from '#core/credentials/read-credential.ts';

type Binding = CredentialView['bindings'][number];

function Holds({ binding }: { binding: Binding }) {
  const newest = binding.deliveries[0];
  if (newest === undefined) {
    return (
      <Badge tone="quiet" icon={CircleDashed}>
        Nothing delivered yet
      </Badge>
    );
  }
  const { version, level, confirmedAt } = newest;
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <span className="font-semibold whitespace-nowrap">
        {version === null ? 'an older version' : `v${version}`}
      </span>
      <Badge
        tone={confirmedAt === null ? 'busy' : 'good'}
        icon={confirmedAt === null ? CircleDashed : CircleCheck}
      >
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

/** Which target holds which version, how surely, and what is asked of it. */
export function Targets({ bindings }: { bindings: readonly Binding[] }) {
  if (bindings.length === 0) {
    return (
      <Panel title="Targets">
        <p className="text-quiet">No target is bound: a rotation would deliver the new secret nowhere.</p>
      </Panel>
    );
  }
  return (
    <Panel title="Targets" flush>
      <TableBox label="Targets and the version each holds">
        <table className="w-full min-w-xl">
          <thead>
            <tr className="border-line border-b">
              <Th className="sm:pl-5">Target</Th>
              <Th>Holds</Th>
              <Th>Needs</Th>
              <Th>Kind</Th>
            </tr>
          </thead>
          <tbody>
            {bindings.map((binding) => (
              <tr key={binding.id} className="border-line border-b last:border-b-0">
                <Td className="sm:pl-5">
                  <span className="font-semibold">{binding.target}</span>
                  <span className="block text-sm text-quiet [overflow-wrap:anywhere]">
                    {binding.keys.join(', ')}
                  </span>
                  {binding.readsNext && (
                    <span className="block text-sm text-quiet">
                      The application uses NEXT when the current value is refused.
                    </span>
                  )}
                </Td>
                <Td className="whitespace-nowrap">
                  <Holds binding={binding} />
                </Td>
                <Td className="whitespace-nowrap">
                  {levelWord(binding.needs)}
                  <span className="block text-sm whitespace-nowrap text-quiet">
                    {binding.required ? 'required' : 'best effort'}
                  </span>
                </Td>
                <Td className="text-quiet">{binding.kind}</Td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </Panel>
  );
}
