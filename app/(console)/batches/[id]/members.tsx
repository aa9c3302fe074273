'use client';

import { CircleAlert, CircleCheck, CircleDashed, CirclePause, CircleSlash, UserRound } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { RotationState } from '#app/_components/rotation-state.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { TimeLeft } from '#app/_components/time.tsx';
import { batchMembers as words } from '#app/_words/batches.ts';
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
          {words.completed}
        </Badge>
      );
    case 'failed':
      return (
        <Badge tone="bad" icon={CircleAlert}>
          {hold === null ? words.failed : words.held}
        </Badge>
      );
    case 'skipped':
      return (
        <Badge tone="quiet" icon={CircleSlash}>
          {words.skipped}
        </Badge>
      );
    case 'needs_people':
      return (
        <Badge tone="warn" icon={UserRound}>
          {hold === null ? words.waitsForSecret : words.waitsForApproval}
        </Badge>
      );
    case 'waiting':
      return paused === null ? (
        <Badge tone="quiet" icon={CircleDashed}>
          {words.notStarted}
        </Badge>
      ) : (
        <Badge tone="quiet" icon={CirclePause}>
          {words.paused}
        </Badge>
      );
    default:
      return (
        <span className="inline-flex flex-wrap items-baseline gap-2">
          <RotationState
            rotation={{ phase: phase ?? '', direction: direction ?? 'forward', hold: null, paused }}
          />
          {standing === 'overlap' && paused === null && overlapEndsAt !== null && (
            <span className="text-sm text-quiet">
              {fill(words.overlapLeft, { time: <TimeLeft until={overlapEndsAt} /> })}
            </span>
          )}
        </span>
      );
  }
}

/** Every credential of the batch in its order, how far it has come, and the way to its rotation. */
export function Members({ members }: { members: readonly Member[] }) {
  return (
    <Panel title={words.title} flush>
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
                  {words.rotation}
                  <span className="sr-only"> {words.rotationOf(member.credential)}</span>
                </TextLink>
              )}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
