'use client';

import { useRouter } from 'next/navigation';
import { ConfirmationInputs } from '#app/_components/confirmation-inputs.tsx';
import { textOf } from '#app/_components/form-values.ts';
import { SchemaForm } from '#app/_components/schema-form.tsx';
import { changeBindingForm as words } from '#app/_words/bindings.ts';
import { common } from '#app/_words/common.ts';
import { changeBindingAction } from '#app/(console)/credentials/[id]/bindings/actions.ts';

type Level = 'accepted' | 'read_back' | 'redeployed' | 'adopted';

interface Binding {
  id: string;
  credentialId: string;
  required: boolean;
  canary: boolean;
  needs: string;
  consumerUrl: string | null;
}

/** How a binding is delivered to from the next rotation on. */
export function ChangeBindingForm({ binding, levels }: { binding: Binding; levels: readonly Level[] }) {
  const router = useRouter();
  const page = `/credentials/${binding.credentialId}`;
  const send = (data: FormData) =>
    changeBindingAction({
      bindingId: binding.id,
      required: data.has('required'),
      canary: data.has('canary'),
      needs: levels.find((level) => level === data.get('needs')),
      consumerUrl: textOf(data, 'consumerUrl') ?? null,
    });
  return (
    <SchemaForm
      send={send}
      onDone={() => router.push(page)}
      submit={words.submit}
      sending={common.saving}
      cancel={page}
      hasMarks={false}
    >
      <ConfirmationInputs levels={levels} first={binding} />
    </SchemaForm>
  );
}
