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
  { href: '/overview', label: 'Overview', icon: LayoutDashboard, onPhone: true, key: 'o' },
  { href: '/credentials', label: 'Credentials', icon: KeyRound, onPhone: true, key: 'c' },
  { href: '/rotations', label: 'Rotations', icon: RefreshCw, onPhone: true, key: 'r', also: '/batches' },
  { href: '/approvals', label: 'Approvals', icon: CircleCheckBig, onPhone: true, key: 'p' },
  { href: '/issuers', label: 'Issuers', icon: Stamp, key: 'i' },
  { href: '/targets', label: 'Targets', icon: Send, key: 't' },
  { href: '/calendar', label: 'Calendar', icon: CalendarDays },
  { href: '/policies', label: 'Policies', icon: CalendarClock },
  { href: '/notifiers', label: 'Notifiers', icon: Bell },
  { href: '/developer-tools', label: 'Developer tools', icon: Code },
  { href: '/audit', label: 'Audit', icon: ScrollText, key: 'a' },
  { href: '/settings', label: 'Settings', icon: Settings },
];

/** Whether an address belongs to a place, its pages included. */
export const isAt = (path: string, { href, also = href }: Pick<Place, 'href' | 'also'>) =>
  [href, also].some((start) => path === start || path.startsWith(`${start}/`));
