'use client';

import { Check, Copy, Eye, EyeOff } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { inputClass } from '#app/_components/field.tsx';
import { fill } from '#app/_components/fill.tsx';
import { maskedField as words } from '#app/_words/reveal.ts';

/** How long a value stays readable. */
const SHOWN_MS = 30_000;

/** True until the time is over, or the window is left: a screen that nobody looks at shows nothing. */
function useShown() {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!shown) {
      return;
    }
    const hide = () => setShown(false);
    const timer = setTimeout(hide, SHOWN_MS);
    window.addEventListener('blur', hide);
    document.addEventListener('visibilitychange', hide);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('blur', hide);
      document.removeEventListener('visibilitychange', hide);
    };
  }, [shown]);
  return { shown, setShown };
}

/** A value that is masked until it is asked for. Masked, it is not in the document at all. */
export function MaskedField({ label, value }: { label: string; value: string }) {
  const id = useId();
  const { shown, setShown } = useShown();
  const [said, setSaid] = useState<'copied' | 'notCopied' | null>(null);

  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setSaid('copied');
    } catch {
      setSaid('notCopied');
    }
  }

  const ofWhat = <span className="sr-only"> {label}</span>;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        id={id}
        readOnly
        value={shown ? value : '•'.repeat(16)}
        autoComplete="off"
        spellCheck={false}
        onBlur={(event) => {
          // Within the dialog the keyboard goes on to its buttons.
          if (event.relatedTarget === null) {
            setShown(false);
          }
        }}
        className={`${inputClass} min-w-0 font-mono text-sm`}
      />
      <div className="mt-1 flex flex-wrap gap-2">
        <Button onClick={() => setShown(!shown)}>
          {shown ? <EyeOff aria-hidden className="size-4" /> : <Eye aria-hidden className="size-4" />}
          {fill(shown ? words.hide : words.show, { label: ofWhat })}
        </Button>
        <Button onClick={copy}>
          {said === 'copied' ? (
            <Check aria-hidden className="size-4" />
          ) : (
            <Copy aria-hidden className="size-4" />
          )}
          {fill(words.copy, { label: ofWhat })}
        </Button>
      </div>
      <p role="status" className="min-h-5 text-sm text-quiet">
        {said === null ? '' : words[said]}
      </p>
    </div>
  );
}
