'use client';

import { Radius, TriangleAlert } from 'lucide-react';
import { fill } from '#app/_components/fill.tsx';
import { Moment } from '#app/_components/time.tsx';
import { blastRadius as words } from '#app/_words/plan.ts';
import { levelWord } from '#app/_words/rotation.ts';
import type { BlastRadius } from '#core/rotation/blast-radius.ts';

function Target({ target }: { target: BlastRadius['targets'][number] }) {
  const { name, method, required, redeploy, needs, environments, verified } = target;
  return (
    <li className="border-line border-t py-2 text-sm first:border-t-0 first:pt-0 last:pb-0">
      <p className="font-medium break-words">
        {name} <span className="font-normal text-quiet">· {environments.join(', ')}</span>
      </p>
      <p className="text-quiet">
        {words.takenUp[redeploy](method)} {required ? words.required(needs) : words.bestEffort}
      </p>
      <p className="text-quiet">
        {verified === null
          ? words.neverVerified
          : fill(words.verified, {
              version: verified.version,
              level: levelWord(verified.level).toLowerCase(),
              at: <Moment at={verified.at} />,
            })}
      </p>
    </li>
  );
}

/** `Blast radius: 2 targets, 1 environment, 1 redeploy`. */
function titleOf({ targets }: BlastRadius): string {
  const environments = new Set(targets.flatMap((target) => target.environments));
  const redeploys = targets.filter(({ redeploy }) => redeploy === 'call').length;
  return words.reach(targets.length, environments.size, redeploys);
}

/** Whom the rotation reaches, and who is known to use the secret without being a target. */
export function BlastRadiusView({ radius }: { radius: BlastRadius }) {
  const { targets, elsewhere } = radius;
  return (
    <section aria-label={words.label}>
      <h3 className="flex items-center gap-2 font-semibold">
        <Radius aria-hidden className="size-4 text-quiet" />
        {targets.length === 0 ? words.noTarget : titleOf(radius)}
      </h3>
      {targets.length === 0 ? (
        <p className="mt-0.5 text-sm text-quiet">{words.nowhere}</p>
      ) : (
        <ul className="mt-2">
          {targets.map((target, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two bindings may be at the same target, and the list never changes.
            <Target key={index} target={target} />
          ))}
        </ul>
      )}
      {elsewhere.map((sentence) => (
        <p key={sentence} className="mt-2 flex gap-2 text-sm">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
          <span className="min-w-0 break-words">{sentence}</span>
        </p>
      ))}
    </section>
  );
}
