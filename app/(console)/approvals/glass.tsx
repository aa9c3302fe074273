import { Siren } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge } from '#app/_components/badge.tsx';
import { fill } from '#app/_components/fill.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { breaking } from '#app/_words/actions.ts';
import { approvalStanding, glassAsked, glassCard, glassLists, glassReview } from '#app/_words/approvals.ts';
import { CloseReview, DecideGlass } from '#app/(console)/approvals/decide-glass.tsx';
import type { Role } from '#core/access/actor.ts';
import { closeReview } from '#core/rotation/close-review.ts';
import { confirmBreakGlass } from '#core/rotation/confirm-break-glass.ts';
import type { BreakGlassRow } from '#core/rotation/list-break-glass.ts';
import type { RotationView } from '#core/rotation/read-rotation.ts';

/** A request to break the glass with the rotation that it is about, which says what would stop working. */
export interface AskedGlass {
  row: BreakGlassRow;
  rotation: RotationView;
}

function Card({ row, children }: { row: BreakGlassRow; children: ReactNode }) {
  return (
    <li className="flex flex-col gap-3 border-line border-t p-4 first:border-t-0 sm:px-5">
      <div>
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Badge tone="bad" icon={Siren}>
            {row.state === 'asked' ? glassCard.asked : glassCard.reviewOpen}
          </Badge>
          <TextLink href={`/rotations/${row.rotationId}`} className="font-semibold break-words">
            {row.credential}
          </TextLink>
        </p>
        <p className="mt-1 text-sm break-words text-quiet">
          {row.environment} ·{' '}
          {fill(approvalStanding.asked, { person: row.requestedBy, ago: <Ago at={row.requestedAt} /> })}
        </p>
      </div>
      <p className="break-words">
        <span className="text-quiet">{glassCard.reason} </span>
        {row.reason}
      </p>
      {children}
    </li>
  );
}

function Section({
  id,
  title,
  about,
  children,
}: Record<'id' | 'title' | 'about', string> & { children: ReactNode }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="mb-6">
      <h2 id={`${id}-title`} className="font-semibold">
        {title}
      </h2>
      <p className="mt-0.5 mb-3 max-w-prose text-sm text-quiet">{about}</p>
      <ul aria-label={title} className="rounded-lg border border-bad bg-surface shadow-xs">
        {children}
      </ul>
    </section>
  );
}

function Asked({ asked: { row, rotation }, role }: { asked: AskedGlass; role: Role }) {
  const mayConfirm = confirmBreakGlass.may.includes(role) && row.refusal === null;
  return (
    <Card row={row}>
      <p className="break-words">
        {breaking(rotation)} <span className="text-bad">{glassAsked.noWayBack}</span>
      </p>
      {row.until !== null && (
        <p className="text-sm text-quiet">{fill(glassAsked.until, { end: <Moment at={row.until} /> })}</p>
      )}
      {!mayConfirm && (
        <p className="text-sm text-quiet">
          {confirmBreakGlass.may.includes(role) ? row.refusal : glassAsked.roleNeeded(confirmBreakGlass.may)}
        </p>
      )}
      {(mayConfirm || row.isOwn) && (
        <DecideGlass
          rotationId={row.rotationId}
          askId={row.askId}
          credential={row.credential}
          mayConfirm={mayConfirm}
        />
      )}
    </Card>
  );
}

/** Who broke the glass, and when where that is known. */
function broken({ brokenAt, confirmedBy }: BreakGlassRow): ReactNode {
  if (brokenAt === null) {
    return confirmedBy === null
      ? glassReview.brokenAloneUndated
      : glassReview.brokenByTwoUndated(confirmedBy);
  }
  const ago = <Ago at={brokenAt} />;
  return confirmedBy === null
    ? fill(glassReview.brokenAlone, { ago })
    : fill(glassReview.brokenByTwo, { ago, second: confirmedBy });
}

function Review({ row, role }: { row: BreakGlassRow; role: Role }) {
  const mayClose = closeReview.may.includes(role);
  return (
    <Card row={row}>
      <p className="break-words">
        {broken(row)} {glassReview.writeDown}
      </p>
      {mayClose && row.refusal === null && (
        <CloseReview rotationId={row.rotationId} credential={row.credential} />
      )}
      {(!mayClose || row.refusal !== null) && (
        <p className="text-sm text-quiet">
          {mayClose ? row.refusal : glassReview.roleNeeded(closeReview.may)}
        </p>
      )}
    </Card>
  );
}

/** Where the glass is asked to be broken, and what was broken and is not reviewed. Nothing while there is neither. */
export function Glass({
  asked,
  reviews,
  role,
}: {
  asked: readonly AskedGlass[];
  reviews: readonly BreakGlassRow[];
  role: Role;
}) {
  return (
    <>
      {asked.length > 0 && (
        <Section id="break-glass" title={glassLists.asked} about={glassLists.aboutAsked}>
          {asked.map((one) => (
            <Asked key={one.row.askId} asked={one} role={role} />
          ))}
        </Section>
      )}
      {reviews.length > 0 && (
        <Section id="reviews" title={glassLists.reviews} about={glassLists.aboutReviews}>
          {reviews.map((row) => (
            <Review key={row.askId} row={row} role={role} />
          ))}
        </Section>
      )}
    </>
  );
}
