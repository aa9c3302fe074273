import { targetsPanel as words } from '#app/_words/credential.ts';
import { BindingActs } from '#app/(console)/credentials/[id]/binding-acts.tsx';
import { Targets } from '#app/(console)/credentials/[id]/targets.tsx';
import type { listFetches } from '#core/credentials/list-fetches.ts';
import type { CredentialView } from '#core/credentials/read-credential.ts';

/** The targets of a credential, and for those who may what can be done with each; nothing while a rotation is open. */
export function BoundTargets({
  credential,
  fetches,
  may,
}: {
  credential: CredentialView;
  fetches: Awaited<ReturnType<typeof listFetches>>;
  may: boolean;
}) {
  const { bindings, versions, id, name, openRotationId } = credential;
  const consumersOf = (bindingId: string) =>
    fetches.find((one) => one.bindingId === bindingId)?.consumers.map(({ client }) => client) ?? [];
  return (
    <Targets
      bindings={bindings}
      versions={versions}
      acts={
        may && openRotationId === null
          ? (binding) => (
              <BindingActs
                credentialId={id}
                credential={name}
                binding={binding}
                consumers={consumersOf(binding.id)}
              />
            )
          : null
      }
      note={may && openRotationId !== null ? words.waits : null}
    />
  );
}
