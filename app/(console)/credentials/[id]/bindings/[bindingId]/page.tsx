import type { Metadata } from 'next';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { provableLevels } from '#app/_words/abilities.ts';
import { changeBindingPage as words } from '#app/_words/bindings.ts';
import { ChangeBindingForm } from '#app/(console)/credentials/[id]/bindings/[bindingId]/change-form.tsx';
import { changeBinding } from '#core/credentials/change-binding.ts';
import { readBinding } from '#core/credentials/read-binding.ts';
import { levels } from '#core/outside/levels.ts';
import { listTargets } from '#core/targets/list-targets.ts';

export const metadata: Metadata = { title: words.title };

export default async function ChangeBindingPage({
  params,
}: PageProps<'/credentials/[id]/bindings/[bindingId]'>) {
  const actor = await currentActor();
  const { bindingId } = await params;
  const asked = await ask(async () => ({
    binding: await readBinding(actor, { bindingId }),
    targets: await listTargets(actor, {}),
  }));
  if (!asked.ok) {
    return <Notice tone="bad">{asked.message}</Notice>;
  }
  const { binding, targets } = asked.value;
  const target = targets.find((one) => one.id === binding.targetId);
  // A consumer with an address can say that it uses a version, whatever the target can prove.
  const offered = new Set<string>([
    ...(target === undefined ? [] : provableLevels(target)),
    'adopted',
    binding.needs,
  ]);
  const may = changeBinding.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href={`/credentials/${binding.credentialId}`}>{binding.credential}</TextLink>}
        title={words.title}
        about={words.about(binding.credential, binding.target)}
      />
      {may ? (
        <ChangeBindingForm binding={binding} levels={levels.filter((level) => offered.has(level))} />
      ) : (
        <RoleNotice may={changeBinding.may} role={actor.role} act={words.act} />
      )}
    </>
  );
}
