'use client';

import { useRouter } from 'next/navigation';
import { textOf, valuesOf } from '#app/_components/form-values.ts';
import { TextInput } from '#app/_components/input-frame.tsx';
import { SchemaFields } from '#app/_components/schema-fields.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
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
      submit="Add issuer"
      sending="Adding…"
      cancel="/issuers"
    >
      <FormPart
        title="Issuer"
        about={`Rekey asks nothing yet: an issuer is checked when its first credential is added.${holdsSecret ? ' What is entered as a secret is sealed and never shown again.' : ''}`}
      >
        <TextInput name="name" label="Name" hint="As your team calls it." required maxLength={100} />
        <SchemaFields part="config" fields={fields} />
      </FormPart>
    </SchemaForm>
  );
}
