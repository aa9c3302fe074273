'use client';

import { useRouter } from 'next/navigation';
import { textOf, valuesOf } from '#app/_components/form-values.ts';
import { TextInput } from '#app/_components/input-frame.tsx';
import { SchemaFields } from '#app/_components/schema-fields.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import { common } from '#app/_words/common.ts';
import { issuerForm as words } from '#app/_words/issuers.ts';
import { addIssuerAction } from '#app/(console)/issuers/actions.ts';
import type { FormField } from '#core/outside/draw-form.ts';

/** What an issuer of one kind needs to be told. */
export function IssuerForm({ kind, fields }: { kind: string; fields: readonly FormField[] }) {
  const router = useRouter();
  const holdsSecret = fields.some((field) => field.type === 'secret');
  return (
    <SchemaForm
      send={(data) =>
        addIssuerAction({ name: textOf(data, 'name') ?? '', kind, config: valuesOf(fields, 'config', data) })
      }
      onDone={() => router.push('/issuers')}
      submit={words.submit}
      sending={common.adding}
      cancel="/issuers"
    >
      <FormPart title={words.title} about={holdsSecret ? words.aboutWithSecret : words.about}>
        <TextInput name="name" label={common.name} hint={common.nameHint} required maxLength={100} />
        <SchemaFields part="config" fields={fields} />
      </FormPart>
    </SchemaForm>
  );
}
