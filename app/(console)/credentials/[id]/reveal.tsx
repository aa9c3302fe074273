import { fill } from '#app/_components/fill.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Moment } from '#app/_components/time.tsx';
import { revealPanel as words } from '#app/_words/reveal.ts';
import { RevealButton } from '#app/(console)/credentials/[id]/reveal-button.tsx';
import { RevealSwitch } from '#app/(console)/credentials/[id]/reveal-switch.tsx';
import type { Role } from '#core/access/actor.ts';
import { allowReveal } from '#core/credentials/allow-reveal.ts';
import type { CredentialView } from '#core/credentials/read-credential.ts';
import { revealSecret } from '#core/credentials/reveal-secret.ts';

/** Whether the value may be shown to a person, who had it shown, and the way to it. Never the value. */
export function Reveal({
  credential: { id, name, revealAllowed, versions },
  role,
}: {
  credential: CredentialView;
  role: Role;
}) {
  const current = versions.find(({ state }) => state === 'current');
  const revealed = current?.revealed ?? null;
  const mayReveal = revealSecret.may.includes(role);
  return (
    <Panel title={words.title}>
      <div className="flex flex-col items-start gap-3">
        <p className="text-quiet">{revealAllowed ? words.on : words.off}</p>
        {current !== undefined && revealed !== null && (
          <p className="break-words">
            {fill(words.revealed, {
              by: revealed.by,
              version: current.n,
              at: <Moment at={revealed.at} />,
            })}
          </p>
        )}
        {revealAllowed && current !== undefined && revealed === null && mayReveal && (
          <RevealButton key={current.id} credentialId={id} name={name} version={current.n} />
        )}
        {revealAllowed && !mayReveal && <p className="text-sm text-quiet">{words.takes(revealSecret.may)}</p>}
        {allowReveal.may.includes(role) && <RevealSwitch credentialId={id} allowed={revealAllowed} />}
      </div>
    </Panel>
  );
}
