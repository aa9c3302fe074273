'use client';

import { useRouter } from 'next/navigation';
import { textOf, valuesOf } from '#app/_components/form-values.ts';
import { TextInput } from '#app/_components/input-frame.tsx';
import { NoticeInputs, noticesOf } from '#app/_components/notice-inputs.tsx';
import { SchemaFields } from '#app/_components/schema-fields.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import { common } from '#app/_words/common.ts';
import { notifierForm as words } from '#app/_words/notifiers.ts';
import { addNotifierAction } from '#app/(console)/notifiers/actions.ts';
import type { FormField } from '#core/outside/draw-form.ts';

/** What a notifier of one kind needs to be told, and what it shall tell of. */
export function NotifierForm({ kind, fields }: { kind: string; fields: readonly FormField[] }) {
  const router = useRouter();
  return (
    <SchemaForm
      send={(data) =>
        addNotifierAction({
          name: textOf(data, 'name') ?? '',
          kind,
          config: valuesOf(fields, 'config', data),
          notices: noticesOf(data),
        })
      }
      onDone={() => router.push('/notifiers')}
      submit={words.submit}
      sending={common.adding}
      cancel="/notifiers"
    >
      <FormPart title={words.title} about={words.about}>
        <TextInput name="name" label={common.name} hint={common.nameHint} required maxLength={100} />
        <SchemaFields part="config" fields={fields} />
      </FormPart>
      <NoticeInputs />
    </SchemaForm>
  );
}
