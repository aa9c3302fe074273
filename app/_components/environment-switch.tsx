'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { environmentCookie, remember } from '#app/_components/preferences.ts';
import { environmentSwitch as words } from '#app/_words/frame.ts';

/** The lists that know environments; the others show everything. */
const scoped = ['/overview', '/credentials', '/rotations', '/approvals'];

/** Shows one environment in every list, or all of them. What the address of a list says comes first. */
export function EnvironmentSwitch({
  environments,
  chosen,
}: {
  environments: readonly string[];
  chosen: string | undefined;
}) {
  const router = useRouter();
  const path = usePathname();
  const said = useSearchParams().get('environment');
  const [kept, setKept] = useState(chosen ?? '');
  const isList = scoped.includes(path);
  const value = isList && said !== null ? (said === 'all' ? '' : said) : kept;

  function choose(next: string) {
    setKept(next);
    remember(environmentCookie, next);
    if (isList) {
      const asked = new URLSearchParams(window.location.search);
      asked.delete('after');
      asked.set('environment', next === '' ? 'all' : next);
      router.push(`${path}?${asked}`);
    } else {
      router.refresh();
    }
  }

  const options = value === '' || environments.includes(value) ? environments : [...environments, value];
  return (
    <label className="flex min-w-0 items-center">
      <span className="sr-only">{words.label}</span>
      <select
        value={value}
        onChange={(event) => choose(event.target.value)}
        className="min-h-9 w-full max-w-36 min-w-0 truncate rounded-md border border-line bg-surface px-2 text-sm text-ink sm:max-w-48 pointer-coarse:min-h-11"
      >
        <option value="">{words.all}</option>
        {options.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
