'use client';

import clsx from 'clsx';
import { type ReactNode, useContext } from 'react';
import { firstOf, isSet, pathOf } from '#app/_components/form-values.ts';
import { FieldErrors, InputFrame, SecretInput, TextInput, TickBox } from '#app/_components/input-frame.tsx';
import { schemaFields as words } from '#app/_words/forms.ts';
import type { FormField } from '#core/outside/draw-form.ts';

interface Drawn {
  part: 'config' | 'place';
  /** What is stored already, by the field's name; without it each field holds its default. */
  stored?: Readonly<Record<string, unknown>> | undefined;
}

/** The fields of a connector's config or place, as `drawForm` describes them. */
export function SchemaFields({ fields, ...drawn }: Drawn & { fields: readonly FormField[] }) {
  const usual = fields.filter((field) => !field.rare);
  const rare = fields.filter((field) => field.rare);
  return (
    <>
      {usual.map((field) => (
        <SchemaField key={field.name} {...drawn} field={field} />
      ))}
      {rare.length > 0 && <RareFields {...drawn} fields={rare} />}
    </>
  );
}

function RareFields({ fields, ...drawn }: Drawn & { fields: readonly FormField[] }) {
  const { part, stored } = drawn;
  // A secret that is to be entered again must not be overlooked, nor what somebody has set.
  const isOpen =
    stored !== undefined && fields.some((field) => field.type === 'secret' || isSet(field, stored));
  return (
    <RareInputs
      titles={fields.map(({ title }) => title)}
      names={fields.map((field) => pathOf(part, field))}
      isOpen={isOpen}
    >
      {fields.map((field) => (
        <SchemaField key={field.name} {...drawn} field={field} />
      ))}
    </RareInputs>
  );
}

/** Inputs that few people need: folded away, and opened where the last answer found fault with one of them. */
export function RareInputs({
  titles,
  names,
  isOpen = false,
  children,
}: {
  titles: readonly string[];
  /** As a refusal names them. */
  names: readonly string[];
  isOpen?: boolean;
  children: ReactNode;
}) {
  const errors = useContext(FieldErrors);
  const atFault = names.some((name) => name in errors);
  return (
    <details open={atFault || isOpen || undefined} className="rounded-md border border-line p-3">
      <summary className="min-h-6 cursor-pointer text-sm font-medium pointer-coarse:min-h-11">
        {words.rare(titles.join(', '))}
      </summary>
      <div className="mt-4 flex flex-col gap-5">{children}</div>
    </details>
  );
}

function SchemaField({ part, stored, field }: Drawn & { field: FormField }) {
  const { type, required } = field;
  const first = firstOf(field, stored);
  const frame = {
    name: pathOf(part, field),
    label: field.title,
    hint: field.description ?? undefined,
    required,
  };
  const initial = first === null ? undefined : [first].flat().join('\n');
  const example = type === 'url' ? words.urlExample : undefined;
  switch (type) {
    case 'secret':
      return <SecretInput {...frame} />;
    case 'boolean':
      return (
        <TickBox name={frame.name} label={field.title} hint={frame.hint} defaultChecked={first === true} />
      );
    case 'choice':
      return <Choice frame={frame} field={field} first={initial} />;
    case 'lines':
      return (
        <InputFrame {...frame} hint={frame.hint ?? (field.list ? words.onePerLine : undefined)}>
          {(control) => (
            <textarea
              {...control}
              className={clsx(control.className, 'py-2')}
              rows={5}
              maxLength={field.list ? undefined : (field.max ?? undefined)}
              defaultValue={initial}
            />
          )}
        </InputFrame>
      );
    case 'number':
      return (
        <TextInput
          {...frame}
          type="number"
          inputMode={field.whole ? 'numeric' : 'decimal'}
          step={field.whole ? 1 : 'any'}
          min={field.min ?? undefined}
          max={field.max ?? undefined}
          defaultValue={initial}
          className="[&_input]:max-w-60"
        />
      );
    default:
      return (
        <TextInput
          {...frame}
          type={type}
          placeholder={example}
          spellCheck={false}
          maxLength={field.max ?? undefined}
          defaultValue={initial}
        />
      );
  }
}

interface ChoiceFrame {
  name: string;
  label: string;
  hint: string | undefined;
  required: boolean;
}

function Choice({
  frame,
  field,
  first = '',
}: {
  frame: ChoiceFrame;
  field: FormField;
  first: string | undefined;
}) {
  return (
    <InputFrame {...frame} className="[&_select]:max-w-60">
      {(control) => (
        <select {...control} defaultValue={first}>
          {field.default === null && <option value="">{field.required ? words.choose : words.none}</option>}
          {field.choices.map((choice) => (
            <option key={choice} value={String(choice)}>
              {choice}
            </option>
          ))}
        </select>
      )}
    </InputFrame>
  );
}
