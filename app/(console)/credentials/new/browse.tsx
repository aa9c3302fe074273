import { Notice } from '#app/_components/notice.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { importPage as words } from '#app/_words/import.ts';
import { ImportForm } from '#app/(console)/credentials/new/import-form.tsx';
import { PickForm } from '#app/(console)/credentials/new/pick-form.tsx';
import { browseIssuer } from '#core/issuers/browse-issuer.ts';
import type { IssuerKind } from '#core/issuers/list-issuer-kinds.ts';
import type { IssuerRow } from '#core/issuers/list-issuers.ts';

/** Asks the issuer what it has, to pick from. Where it does not answer, a place can still be entered by hand. */
export async function Browse({ issuer, kind }: { issuer: IssuerRow; kind: IssuerKind }) {
  const actor = await currentActor();
  const found = await ask(() => browseIssuer(actor, { issuerId: issuer.id }));
  if (found.ok) {
    const { id, name } = issuer;
    return <PickForm issuer={{ id, name, secretField: kind.secretField }} {...found.value} />;
  }
  return (
    <div className="flex max-w-2xl flex-col gap-6">
      <Notice tone="warn">
        <p>{found.message}</p>
        <p>{words.cannotList}</p>
      </Notice>
      <ImportForm issuer={issuer} kind={kind} />
    </div>
  );
}
