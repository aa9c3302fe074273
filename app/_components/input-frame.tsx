'use client';

import clsx from 'clsx';
import { type ComponentProps, createContext, type ReactNode, useContext, useId } from 'react';
import { inputClass } from '#app/_components/field.tsx';

/** What the last answer said about each input, by the input's name. */
export const FieldErrors = createContext<Readonly<Record<string, string>>>({});

interface Control {
  id: string;
  name: string;
  required: boolean;
  className: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface Frame {
  name: string;
  label: ReactNode;
  hint?: ReactNode;
  required?: boolean;
  className?: string | undefined;
}

/** A label, a mark where the input is required, and its hint and error, tied to the control that `children` draws. */
export function InputFrame({
  name,
  label,
  hint,
  required = false,
  className,
  children,
}: Frame & { children: (control: Control) => ReactNode }) {
  const id = useId();
  const error = useContext(FieldErrors)[name];
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const control: Control = {
    id,
    name,
    required,
    className: clsx(inputClass, 'aria-invalid:border-bad'),
    'aria-describedby': described === '' ? undefined : described,
    'aria-invalid': error === undefined ? undefined : true,
  };
  return (
    <div className={clsx('flex min-w-0 flex-col gap-1', className)}>
      <div className="text-sm font-medium">
        <label htmlFor={id}>{label}</label>
        {required && (
          <span aria-hidden className="text-bad">
            {' '}
            *
          </span>
        )}
      </div>
      {children(control)}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-quiet">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="text-sm text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

type Text = Frame & Omit<ComponentProps<'input'>, keyof Control | 'children'>;

/** An input of one line. */
export function TextInput({ name, label, hint, required, className, ...props }: Text) {
  return (
    <InputFrame name={name} label={label} hint={hint} required={required} className={className}>
      {(control) => <input type="text" autoComplete="off" {...props} {...control} />}
    </InputFrame>
  );
}

/** A secret that can be entered and never read again. Password managers are asked not to offer theirs. */
export function SecretInput({ name, label, hint, required }: Frame) {
  return (
    <InputFrame name={name} label={label} hint={hint} required={required}>
      {(control) => (
        <input
          {...control}
          type="password"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-1p-ignore
          data-lpignore="true"
          className={clsx(control.className, 'font-mono')}
        />
      )}
    </InputFrame>
  );
}

/** A tick box with its label at its right, and what the last answer said about it. */
export function TickBox({
  name,
  value,
  label,
  hint,
  defaultChecked,
}: {
  name: string;
  /** What it is sent as, where several have one name. */
  value?: string;
  label: string;
  hint?: ReactNode;
  defaultChecked: boolean;
}) {
  const id = useId();
  const error = useContext(FieldErrors)[name];
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className="flex gap-2.5">
      <input
        id={id}
        name={name}
        type="checkbox"
        value={value}
        defaultChecked={defaultChecked}
        aria-describedby={described === '' ? undefined : described}
        aria-invalid={error === undefined ? undefined : true}
        className="mt-0.5 size-5 shrink-0 accent-accent pointer-coarse:size-6"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-sm text-quiet">
            {hint}
          </p>
        )}
        {error !== undefined && (
          <p id={`${id}-error`} className="text-sm text-bad">
            {error}
          </p>
        )}
      </div>
    </div>
  );
}
