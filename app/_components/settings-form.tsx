'use client';

import { useRouter } from 'next/navigation';
import { valuesOf } from '#app/_components/form-values.ts';
import { SchemaFields } from '#app/_components/schema-fields.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { changeSettings as words } from '#app/_words/change-settings.ts';
import { common } from '#app/_words/common.ts';
import type { FormField } from '#core/outside/draw-form.ts';

/** All settings of an issuer or a target anew: filled in as they are stored, with each secret to be entered again. */
export function SettingsForm({
  fields,
  stored,
  staysTheSame,
  save,
  back,
}: {
  fields: readonly FormField[];
  /** Its config, which has no secret in it. */
  stored: Readonly<Record<string, unknown>>;
  /** Which settings are refused, as a sentence. */
  staysTheSame: string;
  save(config: Record<string, unknown>): Promise<Answer<void>>;
  /** The list that it is in. */
  back: '/issuers' | '/targets';
}) {
  const router = useRouter();
  const holdsSecret = fields.some((field) => field.type === 'secret');
  return (
    <SchemaForm
      send={(data) => save(valuesOf(fields, 'config', data))}
      onDone={() => router.push(back)}
      submit={words.submit}
      sending={common.saving}
      cancel={back}
    >
      <FormPart title={words.settings} about={holdsSecret ? words.secretsAnew : words.asStored}>
        <p className="text-sm text-quiet">{staysTheSame}</p>
        <SchemaFields part="config" fields={fields} stored={stored} />
      </FormPart>
    </SchemaForm>
  );
}
