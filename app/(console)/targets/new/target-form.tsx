'use client';

import { useRouter } from 'next/navigation';
import { textOf, valuesOf } from '#app/_components/form-values.ts';
import { TextInput } from '#app/_components/input-frame.tsx';
import { SchemaFields } from '#app/_components/schema-fields.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import { common } from '#app/_words/common.ts';
import { targetForm as words } from '#app/_words/targets.ts';
import { addTargetAction } from '#app/(console)/targets/actions.ts';
import type { FormField } from '#core/outside/draw-form.ts';

/** What a target of one kind needs to be told. */
export function TargetForm({ kind, fields }: { kind: string; fields: readonly FormField[] }) {
  const router = useRouter();
  const holdsSecret = fields.some((field) => field.type === 'secret');
  return (
    <SchemaForm
      send={(data) =>
        addTargetAction({ name: textOf(data, 'name') ?? '', kind, config: valuesOf(fields, 'config', data) })
      }
      onDone={() => router.push('/targets')}
      submit={words.submit}
      sending={common.adding}
      cancel="/targets"
    >
      <FormPart title={words.title} about={holdsSecret ? words.aboutWithSecret : words.about}>
        <TextInput name="name" label={common.name} hint={common.nameHint} required maxLength={100} />
        <SchemaFields part="config" fields={fields} />
      </FormPart>
    </SchemaForm>
  );
}
