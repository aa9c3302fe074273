'use client';

import { useRouter } from 'next/navigation';
import { ConfirmationInputs } from '#app/_components/confirmation-inputs.tsx';
import { textOf, valuesOf } from '#app/_components/form-values.ts';
import { TextInput, TickBox } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { SchemaFields } from '#app/_components/schema-fields.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import { provableLevels } from '#app/_words/abilities.ts';
import { bindApplication, bindFieldHints, bindForm, bindKeys } from '#app/_words/bindings.ts';
import { keyExample, nameWords } from '#app/_words/names.ts';
import { bindTargetAction } from '#app/(console)/credentials/[id]/bindings/new/actions.ts';
import type { TargetKind } from '#core/targets/list-target-kinds.ts';
import type { TargetRow } from '#core/targets/list-targets.ts';

interface Props {
  credentialId: string;
  /** The version in use, which is delivered when the form is sent; null where it is not known. */
  version: number | null;
  /** The names of the fields that can be delivered. */
  fields: readonly string[];
  target: TargetRow;
  kind: TargetKind;
}

function wishOf(data: FormData, { credentialId, fields, target, kind }: Props) {
  const keys = fields.flatMap((field) => {
    const key = textOf(data, `fields.${field}`);
    return key === undefined ? [] : [[field, key] as const];
  });
  return {
    credentialId,
    targetId: target.id,
    place: valuesOf(kind.placeForm, 'place', data),
    fields: Object.fromEntries(keys),
    required: data.has('required'),
    canary: data.has('canary'),
    readsNext: data.has('readsNext'),
    needs: provableLevels(target).find((level) => level === data.get('needs')),
    consumerUrl: textOf(data, 'consumerUrl'),
  };
}

function Keys({ fields }: { fields: readonly string[] }) {
  return (
    <FormPart title={bindKeys.title} about={bindKeys.about}>
      {fields.map((field) => (
        <TextInput
          key={field}
          name={`fields.${field}`}
          label={nameWords(field)}
          hint={bindFieldHints[field]}
          placeholder={keyExample(field)}
          spellCheck={false}
          autoCapitalize="none"
          className="[&_input]:font-mono"
        />
      ))}
    </FormPart>
  );
}

function Application({ can }: Pick<TargetRow, 'can'>) {
  if (can?.holdsNext === false) {
    return null;
  }
  return (
    <FormPart title={bindApplication.title}>
      <TickBox
        name="readsNext"
        label={bindApplication.readsNext}
        hint={bindApplication.readsNextHint}
        defaultChecked={false}
      />
    </FormPart>
  );
}

/** Binds fields of a credential to keys of a target; the current version is delivered at once. */
export function BindForm(props: Props) {
  const { credentialId, version, fields, target, kind } = props;
  const router = useRouter();
  const levels = provableLevels(target);
  const needs = levels.findLast((level) => level !== 'adopted');
  const page = `/credentials/${credentialId}`;
  return (
    <SchemaForm
      send={(data) => bindTargetAction(wishOf(data, props))}
      onDone={() => router.push(page)}
      submit={bindForm.bind}
      sending={bindForm.binding}
      cancel={page}
    >
      <Notice tone="info">
        {version === null ? bindForm.about(target.name) : bindForm.aboutVersion(version, target.name)}
      </Notice>
      {kind.placeForm.length > 0 && (
        <FormPart title={bindForm.place(target.name)}>
          <SchemaFields part="place" fields={kind.placeForm} />
        </FormPart>
      )}
      <Keys fields={fields} />
      <Application can={target.can} />
      <ConfirmationInputs
        levels={levels}
        first={{ required: true, canary: false, needs, consumerUrl: null }}
      />
    </SchemaForm>
  );
}
