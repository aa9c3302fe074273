'use client';

import { Radius, TriangleAlert } from 'lucide-react';
import { Moment } from '#app/_components/time.tsx';
import { count, levelWord } from '#app/_words/rotation.ts';
import type { BlastRadius } from '#core/rotation/blast-radius.ts';

const redeployWords: Record<BlastRadius['targets'][number]['redeploy'], string> = {
  automatic: 'its consumers take it up by themselves',
  call: 'needs a redeploy, which Rekey asks for',
  none: 'needs a redeploy by somebody else where consumers read it once',
};

function Target({ target }: { target: BlastRadius['targets'][number] }) {
  const { name, method, required, redeploy, needs, environments, verified } = target;
  return (
    <li className="border-line border-t py-2 text-sm first:border-t-0 first:pt-0 last:pb-0">
      <p className="font-medium break-words">
        {name} <span className="font-normal text-quiet">· {environments.join(', ')}</span>
      </p>
      <p className="text-quiet">
        {method}; {redeployWords[redeploy]}.{' '}
        {required
          ? `Waited for until ${levelWord(needs).toLowerCase()}.`
          : 'Best effort: the rotation does not wait for it.'}
      </p>
      <p className="text-quiet">
        {verified === null ? (
          'Never verified yet.'
        ) : (
          <>
            Last verified: v{verified.version}, {levelWord(verified.level).toLowerCase()},{' '}
            <Moment at={verified.at} />
          </>
        )}
      </p>
    </li>
  );
}

/** `2 targets, 1 environment, 1 redeploy`. */
function summary({ targets }: BlastRadius): string {
  const environments = new Set(targets.flatMap((target) => target.environments));
  const redeploys = targets.filter(({ redeploy }) => redeploy === 'call').length;
  return [
    count(targets.length, 'target'),
    count(environments.size, 'environment'),
    count(redeploys, 'redeploy'),
  ].join(', ');
}

/** Whom the rotation reaches, and who is known to use the secret without being a target. */
export function BlastRadiusView({ radius }: { radius: BlastRadius }) {
  const { targets, elsewhere } = radius;
  return (
    <section aria-label="Blast radius">
      <h3 className="flex items-center gap-2 font-semibold">
        <Radius aria-hidden className="size-4 text-quiet" />
        Blast radius: {targets.length === 0 ? 'no target' : summary(radius)}
      </h3>
      {targets.length === 0 ? (
        <p className="mt-0.5 text-sm text-quiet">
          The new secret is delivered nowhere: whoever uses it has to be given it by hand.
        </p>
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
