'use client';

import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import type { RotationProgress } from '#app/_doors/rotation-progress.ts';
import { strategyWords } from '#app/_words/rotation.ts';
import { rotationHeader as words } from '#app/_words/rotation-page.ts';

/** What the page is about. Its title turns with the rotation. */
export function Header({ progress }: { progress: RotationProgress }) {
  const {
    id,
    credential,
    credentialId,
    strategy,
    direction,
    outcome,
    requestedBy,
    createdAt,
    reason,
    ticket,
  } = progress;
  const back = direction === 'back' && outcome === null;
  return (
    <PageHeader
      above={<TextLink href={`/credentials/${credentialId}`}>{credential}</TextLink>}
      title={back ? words.titleBack(credential) : words.title(credential)}
      about={
        <>
          {words.strategy(strategyWords[strategy])} · {words.askedBy(requestedBy)} · <Moment at={createdAt} />
          {reason !== null && <span className="block break-words">{words.reason(reason)}</span>}
          {ticket !== null && <span className="block break-words">{words.ticket(ticket)}</span>}
        </>
      }
      actions={<TextLink href={`/audit?q=rotation:${id}`}>{words.audit}</TextLink>}
    />
  );
}
