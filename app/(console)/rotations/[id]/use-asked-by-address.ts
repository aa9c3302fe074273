'use client';

import { usePathname, useSearchParams } from 'next/navigation';
import { useEffect } from 'react';
import type { Asked } from '#app/_words/actions.ts';

/**
 * Opens the question before an action, where a link of the audit log or of a credential's history leads to it. Where the
 * action is refused, the page says why. The address forgets it at once, so that a reload does not ask again.
 */
export function useAskedByAddress(
  action: Asked,
  offered: readonly string[],
  ask: (action: Asked) => void,
): void {
  const path = usePathname();
  const isAsked = useSearchParams().get('act') === action;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `ask` and `offered` are made anew each time
  useEffect(() => {
    if (isAsked) {
      window.history.replaceState(null, '', path);
      if (offered.includes(action)) {
        ask(action);
      }
    }
  }, [isAsked, action, path]);
}
