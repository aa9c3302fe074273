'use client';

import clsx from 'clsx';
import {
  Bell,
  CalendarClock,
  CircleCheckBig,
  Code,
  KeyRound,
  ScrollText,
  Send,
  Settings,
  Stamp,
} from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';

const places = [
  { href: '/credentials', label: 'Credentials', icon: KeyRound },
  { href: '/issuers', label: 'Issuers', icon: Stamp },
  { href: '/targets', label: 'Targets', icon: Send },
  { href: '/policies', label: 'Policies', icon: CalendarClock },
  { href: '/approvals', label: 'Approvals', icon: CircleCheckBig },
  { href: '/notifiers', label: 'Notifiers', icon: Bell },
  { href: '/developer-tools', label: 'Developer tools', icon: Code },
  { href: '/audit', label: 'Audit', icon: ScrollText },
  { href: '/settings', label: 'Settings', icon: Settings },
] as const;

export function Navigation() {
  const path = usePathname();
  return (
    <nav
      aria-label="Main"
      className="order-last -mx-1 flex basis-full flex-wrap gap-1 md:order-none md:mx-0 md:basis-auto md:flex-col"
    >
      {places.map(({ href, label, icon: Icon }) => {
        const here = path.startsWith(href);
        return (
          <Link
            key={href}
            href={href}
            aria-current={here ? 'page' : undefined}
            className={clsx(
              'inline-flex min-h-9 items-center gap-2 rounded-md px-2.5 text-sm pointer-coarse:min-h-11',
              here ? 'bg-raised font-medium' : 'text-quiet hover:bg-raised hover:text-ink',
            )}
          >
            <Icon aria-hidden className="size-4" />
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
