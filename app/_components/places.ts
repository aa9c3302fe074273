import {
  Bell,
  CalendarClock,
  CalendarDays,
  CircleCheckBig,
  Code,
  KeyRound,
  LayoutDashboard,
  type LucideIcon,
  RefreshCw,
  ScrollText,
  Send,
  Settings,
  Stamp,
} from 'lucide-react';
import { placeNames as words } from '#app/_words/frame.ts';

export interface Place {
  href: string;
  label: string;
  icon: LucideIcon;
  /** Stands in the bar of a phone; the others are behind its last button. */
  onPhone?: true;
  /** Goes there after `g`. */
  key?: string;
  /** A list beside its own, which belongs to it. */
  also?: string;
}

/** Where one can go. The rail, the bar of a phone, the palette and the keys are all drawn from this list. */
export const places: readonly Place[] = [
  { href: '/overview', label: words.overview, icon: LayoutDashboard, onPhone: true, key: 'o' },
  { href: '/credentials', label: words.credentials, icon: KeyRound, onPhone: true, key: 'c' },
  { href: '/rotations', label: words.rotations, icon: RefreshCw, onPhone: true, key: 'r', also: '/batches' },
  { href: '/approvals', label: words.approvals, icon: CircleCheckBig, onPhone: true, key: 'p' },
  { href: '/issuers', label: words.issuers, icon: Stamp, key: 'i' },
  { href: '/targets', label: words.targets, icon: Send, key: 't' },
  { href: '/calendar', label: words.calendar, icon: CalendarDays },
  { href: '/policies', label: words.policies, icon: CalendarClock },
  { href: '/notifiers', label: words.notifiers, icon: Bell },
  { href: '/developer-tools', label: words.developerTools, icon: Code },
  { href: '/audit', label: words.audit, icon: ScrollText, key: 'a' },
  { href: '/settings', label: words.settings, icon: Settings },
];

/** Whether an address belongs to a place, its pages included. */
export const isAt = (path: string, { href, also = href }: Pick<Place, 'href' | 'also'>) =>
  [href, also].some((start) => path === start || path.startsWith(`${start}/`));
