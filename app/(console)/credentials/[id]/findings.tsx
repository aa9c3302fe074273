import { Eye, EyeOff } from 'lucide-react';
import Link from 'next/link';
import { Badge } from '#app/_components/badge.tsx';
import { buttonClass } from '#app/_components/button.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Ago } from '#app/_components/time.tsx';
import { findingsPanel as words } from '#app/_words/credential.ts';
import { IgnoreFinding } from '#app/(console)/credentials/[id]/ignore-finding.tsx';
import type { CredentialView } from '#core/credentials/read-credential.ts';

type Finding = CredentialView['findings'][number];

function Line({
  finding: { id, detail, foundAt, ignored },
  credentialId,
  mayRotate,
  mayIgnore,
}: {
  finding: Finding;
  credentialId: string;
  mayRotate: boolean;
  mayIgnore: boolean;
}) {
  return (
    <li className="border-line border-t px-4 py-3 sm:px-5">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Badge tone={ignored === null ? 'warn' : 'quiet'} icon={ignored === null ? Eye : EyeOff}>
          {ignored === null ? words.finding : words.ignored}
        </Badge>
        <span className="text-sm text-quiet">{fill(words.found, { ago: <Ago at={foundAt} /> })}</span>
      </p>
      <p className="mt-1 [overflow-wrap:anywhere]">{detail}</p>
      {ignored !== null && (
        <p className="text-sm [overflow-wrap:anywhere] text-quiet">
          {ignored.by}, <Ago at={ignored.at} />: {ignored.reason}
        </p>
      )}
      {ignored === null && (
        <>
          <p className="text-sm text-quiet">{words.whatToDo}</p>
          <div className="mt-2 flex flex-wrap items-start gap-2">
            {mayRotate && (
              <Link href={`/credentials/${credentialId}?act=rotate`} scroll={false} className={buttonClass()}>
                {words.replace}
              </Link>
            )}
            {mayIgnore && <IgnoreFinding findingId={id} />}
          </div>
        </>
      )}
    </li>
  );
}

/** What a comparison with the outside found and left alone, and what to do about it. */
export function Findings({
  findings,
  ...rest
}: {
  findings: readonly Finding[];
  credentialId: string;
  mayRotate: boolean;
  mayIgnore: boolean;
}) {
  if (findings.length === 0) {
    return null;
  }
  return (
    <div id="findings" className="scroll-mt-20">
      <Panel title={words.title} flush>
        <ul>
          {findings.map((finding) => (
            <Line key={finding.id} finding={finding} {...rest} />
          ))}
        </ul>
      </Panel>
    </div>
  );
}
