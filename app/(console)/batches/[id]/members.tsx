'use client';

import { CircleAlert, CircleCheck, CircleDashed, CirclePause, CircleSlash, UserRound } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { RotationState } from '#app/_components/rotation-state.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { TimeLeft } from '#app/_components/time.tsx';
import type { BatchView } from '#core/rotation/batches/read-batch.ts';

type Member = BatchView['members'][number];

function Standing({
  member: { standing, phase, direction, hold, paused, overlapEndsAt },
}: {
  member: Member;
}) {
  switch (standing) {
    case 'completed':
      return (
        <Badge tone="good" icon={CircleCheck}>
          Completed
        </Badge>
      );
    case 'failed':
      return (
        <Badge tone="bad" icon={CircleAlert}>
          {hold === null ? 'Failed' : 'Held'}
        </Badge>
      );
    case 'skipped':
      return (
        <Badge tone="quiet" icon={CircleSlash}>
          Skipped
        </Badge>
      );
    case 'needs_people':
      return (
        <Badge tone="warn" icon={UserRound}>
          {hold === null ? 'Waits for the new secret' : 'Waits for approval'}
        </Badge>
      );
    case 'waiting':
      return paused === null ? (
        <Badge tone="quiet" icon={CircleDashed}>
          Not started
        </Badge>
      ) : (
        <Badge tone="quiet" icon={CirclePause}>
          Not started: paused
        </Badge>
      );
    default:
      return (
        <span className="inline-flex flex-wrap items-baseline gap-2">
          <RotationState rotation={{ phase: phase ?? '', direction: direction ?? 'forward', hold: null }} />
          {standing === 'overlap' && overlapEndsAt !== null && (
            <span className="text-sm text-quiet">
              <TimeLeft until={overlapEndsAt} /> left
            </span>
          )}
        </span>
      );
  }
}

/** Every credential of the batch in its order, how far it has come, and the way to its rotation. */
export function Members({ members }: { members: readonly Member[] }) {
  return (
    <Panel title="Credentials" flush>
      <ol className="divide-y divide-line border-line border-t">
        {members.map((member) => (
          <li
            key={member.credentialId}
            className="grid items-start gap-x-6 gap-y-1.5 px-4 py-2.5 sm:px-5 md:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_auto]"
          >
            <span className="min-w-0">
              <TextLink
                href={`/credentials/${member.credentialId}`}
                className="font-semibold [overflow-wrap:anywhere]"
              >
                {member.credential}
              </TextLink>
              <span className="block text-sm [overflow-wrap:anywhere] text-quiet">{member.environment}</span>
            </span>
            <span className="min-w-0">
              <Standing member={member} />
              {member.why !== null && (
                <span className="mt-1 block text-sm [overflow-wrap:anywhere] text-quiet">{member.why}</span>
              )}
            </span>
            <span className="md:w-24 md:text-right">
              {member.rotationId !== null && (
                <TextLink href={`/rotations/${member.rotationId}`} data-row>
                  Rotation<span className="sr-only"> of {member.credential}</span>
                </TextLink>
              )}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
