'use client';

import { ConfirmButton } from '#app/_components/confirm-button.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { bindingActs as words } from '#app/_words/bindings.ts';
import { archiveBindingAction } from '#app/(console)/credentials/[id]/bindings/actions.ts';

/** Changes how a target is delivered to, and unbinds it. */
export function BindingActs({
  credentialId,
  credential,
  binding: { id, target, kind },
  consumers,
}: {
  credentialId: string;
  credential: string;
  binding: { id: string; target: string; kind: string };
  /** The API clients that may fetch from it. */
  consumers: readonly string[];
}) {
  const stays = kind === 'pull' ? words.fetchingEnds(target, consumers) : words.stays(target);
  return (
    <div className="mt-1 flex flex-wrap items-center gap-x-4 text-sm">
      <TextLink href={`/credentials/${credentialId}/bindings/${id}`} className="pointer-coarse:min-h-11">
        {words.change}
        <span className="sr-only"> {target}</span>
      </TextLink>
      <ConfirmButton
        label={words.unbind}
        name={target}
        title={words.title(credential, target)}
        about={[stays, words.from]}
        act={words.confirm}
        acting={words.unbinding}
        run={() => archiveBindingAction(id)}
        className="min-h-6! border-0! bg-transparent! px-0! font-normal! text-accent! underline-offset-4 hover:underline pointer-coarse:min-h-11!"
      />
    </div>
  );
}
