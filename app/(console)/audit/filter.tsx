import { type ReactNode, useId } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field, inputClass } from '#app/_components/field.tsx';
import { TextLink } from '#app/_components/text-link.tsx';

export interface FilterValues {
  credential: string | undefined;
  rotation: string | undefined;
  actor: string | undefined;
  action: string | undefined;
}

function Select({
  label,
  name,
  value,
  children,
}: {
  label: string;
  name: string;
  value: string | undefined;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <select id={id} name={name} defaultValue={value ?? ''} className={inputClass}>
        {children}
      </select>
    </div>
  );
}

/** What is asked for stands in the address, so a copied link shows the same events. Works without script. */
export function Filter({
  values,
  credentials,
  actions,
}: {
  values: FilterValues;
  credentials: readonly { id: string; name: string }[];
  actions: readonly string[];
}) {
  const nouns = [...new Set(actions.map((action) => action.slice(0, action.indexOf('.') + 1)))];
  return (
    <form
      action="/audit"
      aria-label="Audit events"
      className="mb-6 grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-[1fr_1fr_1fr_auto]"
    >
      {values.rotation !== undefined && <input type="hidden" name="rotation" value={values.rotation} />}
      <Select label="Credential" name="credential" value={values.credential}>
        <option value="">All credentials</option>
        {credentials.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      <Select label="Action" name="action" value={values.action}>
        <option value="">All actions</option>
        {nouns.map((noun) => (
          <optgroup key={noun} label={noun.slice(0, -1)}>
            <option value={noun}>{noun}* (all)</option>
            {actions
              .filter((action) => action.startsWith(noun))
              .map((action) => (
                <option key={action}>{action}</option>
              ))}
          </optgroup>
        ))}
      </Select>
      <Field label="Actor" name="actor" defaultValue={values.actor} placeholder="Full name" />
      <div className="flex items-center gap-4">
        <Button type="submit">Filter</Button>
        {Object.values(values).some((value) => value !== undefined) && (
          <TextLink href="/audit" className="whitespace-nowrap">
            Clear
          </TextLink>
        )}
      </div>
      {values.rotation !== undefined && (
        <p className="text-sm text-quiet sm:col-span-2 lg:col-span-4">
          Only events of{' '}
          <TextLink href={`/rotations/${values.rotation}`} className="underline">
            one rotation
          </TextLink>
        </p>
      )}
    </form>
  );
}
