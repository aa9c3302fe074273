'use client';

import { Menu } from '@base-ui/react/menu';
import Link from 'next/link';
import { menuItem, menuPopup } from '#app/_components/menu-look.ts';
import type { Trigger } from '#app/_components/on-demand.tsx';
import { places } from '#app/_components/places.ts';

const rest = places.filter(({ onPhone }) => !onPhone);

/** The places that the bar of a phone has no room for. Opens as soon as it is there. */
export function MorePlaces({ trigger }: { trigger: Trigger }) {
  return (
    <Menu.Root defaultOpen>
      <Menu.Trigger className={trigger.className}>{trigger.content}</Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner side="top" align="end" sideOffset={8} className="z-40">
          <Menu.Popup className={menuPopup}>
            {rest.map((place) => (
              <Menu.LinkItem
                key={place.href}
                closeOnClick
                render={<Link href={place.href} />}
                className={menuItem}
              >
                <place.icon aria-hidden className="size-4 text-quiet" />
                {place.label}
              </Menu.LinkItem>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
