'use client';

import { ChevronDown } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { Button } from '#app/_components/button.tsx';

/** What is folded away on a phone until it is asked for, and simply there on wider screens. */
export function Fold({ label, children }: { label: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <Button
        className="justify-between! md:hidden"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {label}
        <ChevronDown aria-hidden className={open ? 'size-4 rotate-180' : 'size-4'} />
      </Button>
      <div id={id} className={open ? 'contents' : 'contents max-md:hidden'}>
        {children}
      </div>
    </>
  );
}
