'use client';

import { useRouter } from 'next/navigation';
import { textOf, valuesOf } from '#app/_components/form-values.ts';
import { InputFrame, TextInput, TickBox } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { SchemaFields } from '#app/_components/schema-fields.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import { provableLevels } from '#app/_words/abilities.ts';
import { keyExample, nameWords } from '#app/_words/names.ts';
import { levelWord } from '#app/_words/rotation.ts';
import { bindTargetAction } from '#app/(console)/credentials/[id]/bindings/new/actions.ts';
import type { TargetKind } from '#core/targets/list-target-kinds.ts';
import type { TargetRow } from '#core/targets/list-targets.ts';

interface Props {
  credentialId: string;
  /** What is delivered when the form is sent, in words. */
  version: string;
  /** The names of the fields that can be delivered. */
  fields: readonly string[];
  target: TargetRow;
  kind: TargetKind;
}

const fieldHints: Record<string, string> = {
  versionId: 'Which version it is, so that the consumer can say which one it uses.',
};

const levelHints = {
  accepted: 'the target took it',
  read_back: 'it proved that it holds it',
  redeployed: 'its consumers were redeployed after that',
  adopted: 'its consumers reported that they use it',
};

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
    readsNext: data.has('readsNext'),
    needs: provableLevels(kind).find((level) => level === data.get('needs')),
    consumerUrl: textOf(data, 'consumerUrl'),
  };
}

function Keys({ fields }: { fields: readonly string[] }) {
  return (
    <FormPart
      title="Which field goes to which key"
      about="A field without a key is not delivered. Other keys of the target are never touched."
    >
      {fields.map((field) => (
        <TextInput
          key={field}
          name={`fields.${field}`}
          label={nameWords(field)}
          hint={fieldHints[field]}
          placeholder={keyExample(field)}
          spellCheck={false}
          autoCapitalize="none"
          className="[&_input]:font-mono"
        />
      ))}
    </FormPart>
  );
}

function Confirmation({ kind }: { kind: TargetKind }) {
  const levels = provableLevels(kind);
  const meanings = levels.map((level) => `${levelWord(level)}: ${levelHints[level]}.`);
  return (
    <FormPart title="When a rotation may go on">
      <TickBox
        name="required"
        label="Required"
        hint="A rotation goes on only when this target has the new secret. Without the tick, best effort."
        defaultChecked
      />
      <InputFrame
        name="needs"
        label="Confirmed when it is"
        hint={meanings.join(' ')}
        className="[&_select]:max-w-60"
      >
        {(control) => (
          <select {...control} defaultValue={levels.findLast((level) => level !== 'adopted')}>
            {levels.map((level) => (
              <option key={level} value={level}>
                {levelWord(level)}
              </option>
            ))}
          </select>
        )}
      </InputFrame>
      <TextInput
        name="consumerUrl"
        label="Address of the consumer"
        hint="Where the consumer answers which version it uses. Leave it empty where there is none."
        type="url"
        placeholder="https://"
        spellCheck={false}
      />
    </FormPart>
  );
}

function Application({ kind }: { kind: TargetKind }) {
  if (kind.can?.holdsNext === false) {
    return null;
  }
  return (
    <FormPart title="What the application can do">
      <TickBox
        name="readsNext"
        label="The application uses the NEXT value when the current one is refused"
        hint="An issuer that keeps one secret can then be rotated without a gap: the new value lies beside the old one before the issuer switches."
        defaultChecked={false}
      />
    </FormPart>
  );
}

/** Binds fields of a credential to keys of a target; the current version is delivered at once. */
export function BindForm(props: Props) {
  const { credentialId, version, fields, target, kind } = props;
  const router = useRouter();
  const page = `/credentials/${credentialId}`;
  return (
    <SchemaForm
      send={(data) => bindTargetAction(wishOf(data, props))}
      onDone={() => router.push(page)}
      submit="Bind target"
      sending="Delivering and confirming…"
      cancel={page}
    >
      <Notice tone="info">
        {version} is delivered to {target.name} and confirmed right away, so that a binding that exists is one
        that works. Nothing rotates.
      </Notice>
      {kind.placeForm.length > 0 && (
        <FormPart title={`Its place at ${target.name}`}>
          <SchemaFields part="place" fields={kind.placeForm} />
        </FormPart>
      )}
      <Keys fields={fields} />
      <Application kind={kind} />
      <Confirmation kind={kind} />
    </SchemaForm>
  );
}
