'use client';

import { CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Moment } from '#app/_components/time.tsx';
import type { Verification, WitnessReport } from '#core/evidence/verification.ts';

const verdicts = {
  agrees: { tone: 'good', icon: CircleCheck, text: 'Agrees' },
  differs: { tone: 'bad', icon: TriangleAlert, text: 'Differs' },
  empty: { tone: 'warn', icon: CircleHelp, text: 'Holds nothing' },
  not_asked: { tone: 'quiet', icon: CircleHelp, text: 'Can be told, not asked' },
  no_answer: { tone: 'warn', icon: TriangleAlert, text: 'Does not answer' },
} as const;

function Witness({ witness }: { witness: WitnessReport }) {
  const { name, kind, says, through, detail } = witness;
  const { tone, icon, text } = verdicts[says];
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-1 border-line border-t py-2">
      <div className="min-w-0 flex-1 basis-60">
        <p className="[overflow-wrap:anywhere]">{name}</p>
        <p className="text-sm text-quiet">
          {kind === 'local' && 'The weaker proof: it lies on a disk of Rekey’s own. '}
          {through !== null && `Through batch ${through}. `}
          {detail}
        </p>
      </div>
      <Badge tone={tone} icon={icon}>
        {text}
      </Badge>
    </li>
  );
}

function where({ eventId, seq, batch }: NonNullable<Verification['firstBad']>): string {
  const parts = [
    eventId !== null && `event ${eventId}`,
    seq !== null && `place ${seq} of the sealed order`,
    batch !== null && `batch ${batch}`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}

/** What a verification found: whether all is as it was sealed, how far that reaches, and what the witnesses say. */
export function Found({ found }: { found: Verification }) {
  const { ok, events, detached, sealedThrough, firstBad, unsealed, witnesses } = found;
  return (
    <div className="flex flex-col gap-3">
      {firstBad === null ? (
        <Notice tone="good">
          {sealedThrough === null
            ? 'Nothing is sealed yet, so there is nothing to verify.'
            : `All ${events.toLocaleString('en')} sealed events${detached.length > 0 ? ' that were not detached' : ''} are as they were written, and none is missing.`}
        </Notice>
      ) : (
        <Notice tone="bad">
          <p>
            The audit log was altered: {firstBad.what} ({where(firstBad)}).
          </p>
          <p>
            The {events.toLocaleString('en')} events before it are as they were written. Keep the database as
            it is, and compare with a backup.
          </p>
        </Notice>
      )}
      {sealedThrough !== null && (
        <p className="text-sm text-quiet">
          Sealed through place {sealedThrough.seq} (batch {sealedThrough.batch}),{' '}
          <Moment at={sealedThrough.at} withSeconds />.
          {unsealed.events > 0 && ` Not sealed yet, and not proven: ${unsealed.events}.`}
        </p>
      )}
      {ok &&
        detached.map(({ firstSeq, lastSeq, at, by }) => (
          <p key={firstSeq} className="text-sm text-quiet">
            Places {firstSeq} to {lastSeq}: bodies detached on <Moment at={at} /> by {by}; hashes verified.
          </p>
        ))}
      {unsealed.since !== null && ok && sealedThrough === null && (
        <Notice tone="warn">
          {unsealed.events} events wait to be sealed, the oldest since <Moment at={unsealed.since} />. Is a
          worker running?
        </Notice>
      )}
      <ul aria-label="Witnesses" className="border-line border-b">
        {witnesses.map((witness) => (
          <Witness key={witness.name} witness={witness} />
        ))}
      </ul>
    </div>
  );
}
