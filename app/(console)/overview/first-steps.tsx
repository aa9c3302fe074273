import { CircleCheck, CircleDashed } from 'lucide-react';
import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { Panel } from '#app/_components/panel.tsx';
import type { Role } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import type { Overview } from '#core/credentials/read-overview.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';

type Has = Overview['system']['has'];

const steps: readonly {
  does: string;
  how: string;
  done: (has: Has) => boolean;
  href: string;
  label: string;
  may: readonly Role[];
}[] = [
  {
    does: 'Add an issuer',
    how: 'The system that makes your secrets. Rekey checks that it answers before anything is saved.',
    done: ({ issuers }) => issuers > 0,
    href: '/issuers/new',
    label: 'Add issuer',
    may: addIssuer.may,
  },
  {
    does: 'Add a target',
    how: 'The place where your application reads its secret, for example an env file.',
    done: ({ targets }) => targets > 0,
    href: '/targets/new',
    label: 'Add target',
    may: addTarget.may,
  },
  {
    does: 'Import a credential',
    how: 'Its secret in use is tried and sealed; importing rotates nothing.',
    done: ({ credentials }) => credentials > 0,
    href: '/credentials/new',
    label: 'Import credential',
    may: importCredential.may,
  },
  {
    does: 'Bind it to its target',
    how: 'Says which key of the target takes the secret.',
    done: ({ bindings }) => bindings > 0,
    href: '/credentials',
    label: 'Open the credentials',
    may: bindTarget.may,
  },
  {
    does: 'Rotate it',
    how: 'You read the plan before anything happens, and can roll back while the old secret still works.',
    done: ({ rotated }) => rotated,
    href: '/credentials',
    label: 'Choose a credential',
    may: requestRotation.may,
  },
];

/** What is left to do before the first rotation, in order. */
export function FirstSteps({ has, role }: { has: Has; role: Role }) {
  const next = steps.findIndex(({ done }) => !done(has));
  return (
    <Panel title="To your first rotation" flush>
      <ol>
        {steps.map(({ does, how, done, href, label, may }, n) => {
          const isDone = done(has);
          const Icon = isDone ? CircleCheck : CircleDashed;
          return (
            <li
              key={does}
              aria-current={n === next ? 'step' : undefined}
              className="flex flex-wrap items-start gap-x-3 gap-y-2 border-line border-t px-4 py-3 sm:px-5"
            >
              <Icon aria-hidden className={`mt-1 size-4 shrink-0 ${isDone ? 'text-good' : 'text-quiet'}`} />
              <div className="min-w-0 flex-1 basis-60">
                <p className="font-medium">
                  {does}
                  {isDone && <span className="font-normal text-good"> · done</span>}
                </p>
                <p className="text-sm text-quiet">{how}</p>
              </div>
              {n === next &&
                (may.includes(role) ? (
                  <Link href={href} className={buttonClass('primary')}>
                    {label}
                  </Link>
                ) : (
                  <p className="text-sm text-quiet">It takes the role {may.join(' or ')}.</p>
                ))}
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}
