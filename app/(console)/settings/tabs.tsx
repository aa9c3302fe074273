'use client';

import clsx from 'clsx';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { settingsTabs as words } from '#app/_words/settings.ts';
import type { Role } from '#core/access/actor.ts';

/** The parts of the settings. `may` leaves a tab out for roles that would only be refused there, `restored` where nothing was. */
const tabs: readonly { href: string; label: string; may?: readonly Role[]; restored?: true }[] = [
  { href: '/settings/users', label: words.users, may: ['auditor', 'admin'] },
  { href: '/settings/sessions', label: words.sessions },
  { href: '/settings/single-sign-on', label: words.singleSignOn, may: ['auditor', 'admin'] },
  { href: '/settings/account', label: words.account },
  { href: '/settings/about', label: words.about },
  { href: '/settings/after-restore', label: words.afterRestore, may: ['admin'], restored: true },
];

export function Tabs({ role, isRestored }: { role: Role; isRestored: boolean }) {
  const path = usePathname();
  return (
    <nav aria-label={words.title} className="mb-6 flex flex-wrap gap-x-1 border-line border-b">
      {tabs
        .filter(({ may, restored }) => (may === undefined || may.includes(role)) && (!restored || isRestored))
        .map(({ href, label }) => (
          <Link
            key={href}
            href={href}
            aria-current={path.startsWith(href) ? 'page' : undefined}
            className={clsx(
              '-mb-px inline-flex min-h-9 items-center border-b-2 px-3 text-sm pointer-coarse:min-h-11',
              path.startsWith(href)
                ? 'border-accent font-medium'
                : 'border-transparent text-quiet hover:text-ink',
            )}
          >
            {label}
          </Link>
        ))}
    </nav>
  );
}
