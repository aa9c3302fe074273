'use client';

import { useRouter } from 'next/navigation';
import { textOf, valuesOf } from '#app/_components/form-values.ts';
import { TextInput } from '#app/_components/input-frame.tsx';
import { SchemaFields } from '#app/_components/schema-fields.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
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
      submit="Add target"
      sending="Adding…"
      cancel="/targets"
    >
      <FormPart
        title="Target"
        about={`Nothing is written yet: that happens when a credential is bound to it.${holdsSecret ? ' What is entered as a secret is sealed and never shown again.' : ''}`}
      >
        <TextInput name="name" label="Name" hint="As your team calls it." required maxLength={100} />
        <SchemaFields part="config" fields={fields} />
      </FormPart>
    </SchemaForm>
  );
}
