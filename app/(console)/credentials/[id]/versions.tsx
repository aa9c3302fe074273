import { Ban, CircleCheck, CircleDashed, CircleSlash, Hourglass, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge, type Tone } from '#app/_components/badge.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { versionStateWords, versionsPanel as words } from '#app/_words/credential.ts';
import type { CredentialView } from '#core/credentials/read-credential.ts';

type Version = CredentialView['versions'][number];

const looks: Record<string, { tone: Tone; icon: LucideIcon }> = {
  pending: { tone: 'busy', icon: CircleDashed },
  current: { tone: 'good', icon: CircleCheck },
  previous: { tone: 'warn', icon: Hourglass },
  revoked: { tone: 'quiet', icon: Ban },
  discarded: { tone: 'quiet', icon: CircleSlash },
};

function State({ state }: { state: string }) {
  const { tone, icon } = looks[state] ?? { tone: 'quiet', icon: CircleDashed };
  return (
    <Badge tone={tone} icon={icon}>
      {versionStateWords[state] ?? state}
    </Badge>
  );
}

/** What is known of when a version stops, or stopped, working. */
function End({ version, overlapEndsAt }: { version: Version; overlapEndsAt: string | null }) {
  const { state, revokedAt, provenDeadAt } = version;
  const endsAt = version.endsAt ?? (state === 'previous' ? overlapEndsAt : null);
  const ended = revokedAt ?? endsAt;
  return (
    <>
      {ended !== null && (
        <Fact name={revokedAt === null ? words.stopsWorking : words.ended}>
          <Moment at={ended} />
        </Fact>
      )}
      {provenDeadAt !== null && (
        <Fact name={words.provenDead}>
          <Moment at={provenDeadAt} />
        </Fact>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex gap-x-3">
      <dt className="w-24 shrink-0 text-quiet">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

/** Which targets hold it now: the ones that were given no other since. */
function HeldBy({ version, bindings }: { version: Version; bindings: CredentialView['bindings'] }) {
  const holders = bindings.filter(({ deliveries }) => deliveries[0]?.version === version.n);
  if (holders.length === 0) {
    return null;
  }
  return (
    <Fact name={words.heldBy}>
      <ul className="flex flex-wrap gap-1.5">
        {holders.map(({ id, target, deliveries }) => {
          const confirmed = deliveries[0]?.confirmedAt !== null;
          return (
            <li key={id}>
              <Badge tone={confirmed ? 'good' : 'busy'} icon={confirmed ? CircleCheck : CircleDashed}>
                {confirmed ? target : words.notConfirmed(target)}
              </Badge>
            </li>
          );
        })}
      </ul>
    </Fact>
  );
}

/** Every version, the newest first: its state, its fingerprint, and when it worked. Never a value. */
export function Versions({
  versions,
  bindings,
  overlapEndsAt,
}: {
  versions: readonly Version[];
  bindings: CredentialView['bindings'];
  /** When the open rotation's overlap ends, and the previous version with it. */
  overlapEndsAt: string | null;
}) {
  return (
    <Panel title={words.title}>
      <ol className="mt-1 ml-1 flex flex-col">
        {versions.map((version) => (
          <li
            key={version.id}
            className="relative border-line border-l pb-6 pl-5 last:border-transparent last:pb-0"
          >
            <span
              aria-hidden
              className={`absolute top-2 -left-[4.5px] size-2 rounded-full ${version.state === 'current' ? 'bg-good' : 'bg-quiet'}`}
            />
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <h3 className="font-semibold">v{version.n}</h3>
              <State state={version.state} />
              <span className="text-sm text-quiet">
                <Ago at={version.promotedAt ?? version.createdAt} />
              </span>
            </div>
            <dl className="mt-2 flex flex-col gap-1 text-sm">
              <Fact name={words.fingerprint}>
                <code className="font-mono text-[0.8125rem]">{version.fingerprint}</code>
                {version.hint !== null && <span className="text-quiet"> · {words.hint(version.hint)}</span>}
              </Fact>
              <Fact name={words.created}>
                <Moment at={version.createdAt} />
              </Fact>
              {version.promotedAt !== null && (
                <Fact name={words.promoted}>
                  <Moment at={version.promotedAt} />
                </Fact>
              )}
              {version.seenInUseAt !== null && (
                <Fact name={words.seenInUse}>
                  <Moment at={version.seenInUseAt} />
                </Fact>
              )}
              <HeldBy version={version} bindings={bindings} />
              <End version={version} overlapEndsAt={overlapEndsAt} />
            </dl>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
