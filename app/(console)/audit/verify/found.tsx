'use client';

import { CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Moment } from '#app/_components/time.tsx';
import { verifyFound, witnessList } from '#app/_words/audit.ts';
import type { Verification, WitnessReport } from '#core/evidence/verification.ts';

const verdicts = {
  agrees: { tone: 'good', icon: CircleCheck },
  differs: { tone: 'bad', icon: TriangleAlert },
  empty: { tone: 'warn', icon: CircleHelp },
  not_asked: { tone: 'quiet', icon: CircleHelp },
  no_answer: { tone: 'warn', icon: TriangleAlert },
} as const;

function Witness({ witness }: { witness: WitnessReport }) {
  const { name, kind, says, through, detail } = witness;
  const { tone, icon } = verdicts[says];
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-1 border-line border-t py-2">
      <div className="min-w-0 flex-1 basis-60">
        <p className="[overflow-wrap:anywhere]">{name}</p>
        <p className="text-sm text-quiet">
          {kind === 'local' && `${witnessList.weaker} `}
          {through !== null && `${witnessList.through(through)} `}
          {detail}
        </p>
      </div>
      <Badge tone={tone} icon={icon}>
        {witnessList[says]}
      </Badge>
    </li>
  );
}

function where({ eventId, seq, batch }: NonNullable<Verification['firstBad']>): string {
  const parts = [
    eventId !== null && verifyFound.event(eventId),
    seq !== null && verifyFound.place(seq),
    batch !== null && verifyFound.batch(batch),
  ];
  return parts.filter((part) => part !== false).join(', ');
}

function allWell({ events, detached, sealedThrough }: Verification): string {
  if (sealedThrough === null) {
    return verifyFound.nothingSealed;
  }
  return detached.length > 0 ? verifyFound.allAttached(events) : verifyFound.allSealed(events);
}

/** What a verification found: whether all is as it was sealed, how far that reaches, and what the witnesses say. */
export function Found({ found }: { found: Verification }) {
  const { ok, events, detached, sealedThrough, firstBad, unsealed, witnesses } = found;
  return (
    <div className="flex flex-col gap-3">
      {firstBad === null ? (
        <Notice tone="good">{allWell(found)}</Notice>
      ) : (
        <Notice tone="bad">
          <p>{verifyFound.altered(firstBad.what, where(firstBad))}</p>
          <p>{verifyFound.before(events)}</p>
        </Notice>
      )}
      {sealedThrough !== null && (
        <p className="text-sm text-quiet">
          {fill(verifyFound.sealedThrough, {
            place: sealedThrough.seq,
            batch: sealedThrough.batch,
            at: <Moment at={sealedThrough.at} withSeconds />,
          })}
          {unsealed.events > 0 && ` ${verifyFound.notSealed(unsealed.events)}`}
        </p>
      )}
      {ok &&
        detached.map(({ firstSeq, lastSeq, at, by }) => (
          <p key={firstSeq} className="text-sm text-quiet">
            {fill(verifyFound.detached, { first: firstSeq, last: lastSeq, at: <Moment at={at} />, by })}
          </p>
        ))}
      {unsealed.since !== null && ok && sealedThrough === null && (
        <Notice tone="warn">
          {unsealed.events === 1
            ? fill(verifyFound.waitingOne, { since: <Moment at={unsealed.since} /> })
            : fill(verifyFound.waiting, { events: unsealed.events, since: <Moment at={unsealed.since} /> })}
        </Notice>
      )}
      <ul aria-label={witnessList.label} className="border-line border-b">
        {witnesses.map((witness) => (
          <Witness key={witness.name} witness={witness} />
        ))}
      </ul>
    </div>
  );
}
