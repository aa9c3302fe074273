'use client';

import { Check, Copy } from 'lucide-react';
import { useId, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { inputClass } from '#app/_components/field.tsx';
import { fill } from '#app/_components/fill.tsx';
import { common } from '#app/_words/common.ts';
import { copyField as words } from '#app/_words/developer-tools.ts';

/** A value to take along, with a button that copies it. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const id = useId();
  const [said, setSaid] = useState('');

  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setSaid(common.copied);
    } catch {
      setSaid(words.byHand);
    }
  }

  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          readOnly
          value={value}
          autoComplete="off"
          spellCheck={false}
          onFocus={(event) => event.currentTarget.select()}
          className={`${inputClass} min-w-0 font-mono text-sm`}
        />
        <Button onClick={copy}>
          {said === common.copied ? (
            <Check aria-hidden className="size-4" />
          ) : (
            <Copy aria-hidden className="size-4" />
          )}
          {fill(words.copy, { what: <span className="sr-only"> {label}</span> })}
        </Button>
      </div>
      <p role="status" className="min-h-5 text-sm text-quiet">
        {said}
      </p>
    </div>
  );
}
