import { Ban } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { TableBox, Td, Th } from '#app/_components/table.tsx';
import { Ago } from '#app/_components/time.tsx';
import { fetchesPanel as words } from '#app/_words/credential.ts';
import { CurlFetch } from '#app/(console)/credentials/[id]/curl-fetch.tsx';
import { AllowConsumer, RemoveConsumer } from '#app/(console)/credentials/[id]/who-fetches.tsx';
import type { FetchesView } from '#core/credentials/list-fetches.ts';

type Consumer = FetchesView['consumers'][number];

function Known({ what, none }: { what: Consumer['fetched']; none: string }) {
  if (what === null) {
    return <span className="text-sm text-quiet">{none}</span>;
  }
  return (
    <>
      v{what.version}{' '}
      <span className="text-sm text-quiet">
        <Ago at={what.at} />
      </span>
    </>
  );
}

function ConsumersTable({ fetches, mayChange }: { fetches: FetchesView; mayChange: boolean }) {
  const { bindingId, target, consumers } = fetches;
  return (
    <TableBox label={words.table(target)}>
      <table className="w-full min-w-md">
        <thead>
          <tr className="border-line border-b">
            <Th className="sm:pl-5">{words.client}</Th>
            <Th>{words.fetched}</Th>
            <Th>{words.reported}</Th>
            {mayChange && (
              <Th>
                <span className="sr-only">{words.change}</span>
              </Th>
            )}
          </tr>
        </thead>
        <tbody>
          {consumers.map((consumer) => (
            <tr key={consumer.clientId} className="border-line border-b last:border-b-0">
              <Td className="sm:pl-5">
                <span className="font-semibold [overflow-wrap:anywhere]">{consumer.client}</span>{' '}
                {consumer.revoked && (
                  <Badge tone="quiet" icon={Ban}>
                    {words.revoked}
                  </Badge>
                )}
              </Td>
              <Td className="whitespace-nowrap">
                <Known what={consumer.fetched} none={words.notFetched} />
              </Td>
              <Td className="whitespace-nowrap">
                <Known what={consumer.reported} none={words.notReported} />
              </Td>
              {mayChange && (
                <Td>
                  <RemoveConsumer
                    bindingId={bindingId}
                    target={target}
                    clientId={consumer.clientId}
                    name={consumer.client}
                  />
                </Td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}

/** Who may fetch from a binding, and which version each one last fetched and reported. */
export function Fetches({
  fetches,
  clients,
  origin,
}: {
  fetches: FetchesView;
  /** Who can be allowed; null for whoever may not allow anybody. */
  clients: readonly { id: string; name: string }[] | null;
  origin: string;
}) {
  const { bindingId, target, served, next, consumers } = fetches;
  const others = clients?.filter(({ id }) => !consumers.some(({ clientId }) => clientId === id)) ?? [];
  return (
    <Panel
      title={words.title(target)}
      aside={next === null ? words.serves(served) : words.servesNext(served, next)}
      flush
    >
      {consumers.length === 0 ? (
        <p className="px-4 pb-4 text-quiet sm:px-5">{words.nobody}</p>
      ) : (
        <ConsumersTable fetches={fetches} mayChange={clients !== null} />
      )}
      <div className="flex flex-col gap-4 px-4 py-4 sm:px-5">
        {clients !== null && <AllowConsumer bindingId={bindingId} clients={others} />}
        <CurlFetch origin={origin} bindingId={bindingId} />
      </div>
    </Panel>
  );
}
