import { CircleCheck, CircleDashed } from 'lucide-react';
import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { firstSteps as words } from '#app/_words/overview.ts';
import type { Role } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import type { Overview } from '#core/credentials/read-overview.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';

type Has = Overview['system']['has'];

const steps: readonly {
  what: 'issuer' | 'target' | 'credential' | 'binding' | 'rotation';
  done: (has: Has) => boolean;
  href: string;
  may: readonly Role[];
}[] = [
  {
    what: 'issuer',
    done: ({ issuers }) => issuers > 0,
    href: '/issuers/new',
    may: addIssuer.may,
  },
  {
    what: 'target',
    done: ({ targets }) => targets > 0,
    href: '/targets/new',
    may: addTarget.may,
  },
  {
    what: 'credential',
    done: ({ credentials }) => credentials > 0,
    href: '/credentials/new',
    may: importCredential.may,
  },
  {
    what: 'binding',
    done: ({ bindings }) => bindings > 0,
    href: '/credentials',
    may: bindTarget.may,
  },
  {
    what: 'rotation',
    done: ({ rotated }) => rotated,
    href: '/credentials',
    may: requestRotation.may,
  },
];

/** What is left to do before the first rotation, in order. */
export function FirstSteps({ has, role }: { has: Has; role: Role }) {
  const next = steps.findIndex(({ done }) => !done(has));
  return (
    <Panel title={words.title} flush>
      <ol>
        {steps.map(({ what, done, href, may }, n) => {
          const { does, how, go } = words[what];
          const isDone = done(has);
          const Icon = isDone ? CircleCheck : CircleDashed;
          return (
            <li
              key={what}
              aria-current={n === next ? 'step' : undefined}
              className="flex flex-wrap items-start gap-x-3 gap-y-2 border-line border-t px-4 py-3 sm:px-5"
            >
              <Icon aria-hidden className={`mt-1 size-4 shrink-0 ${isDone ? 'text-good' : 'text-quiet'}`} />
              <div className="min-w-0 flex-1 basis-60">
                <p className="font-medium">
                  {does}
                  {isDone && <span className="font-normal text-good"> · {words.done}</span>}
                </p>
                <p className="text-sm text-quiet">{how}</p>
              </div>
              {n === next &&
                (may.includes(role) ? (
                  <Link href={href} className={buttonClass('primary')}>
                    {go}
                  </Link>
                ) : (
                  <p className="text-sm text-quiet">{words.whoMay(may)}</p>
                ))}
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}
