'use client';

import { Menu } from '@base-ui/react/menu';
import { Check, Keyboard, LogOut } from 'lucide-react';
import { signOut } from 'next-auth/react';
import { useState } from 'react';
import { menuItem, menuLabel, menuPopup } from '#app/_components/menu-look.ts';
import type { Trigger } from '#app/_components/on-demand.tsx';
import { remember, type Theme, themeCookie, themeOf, themes } from '#app/_components/preferences.ts';
import { openKeys } from '#app/_components/shortcuts.ts';
import { accountPopup as words } from '#app/_words/frame.ts';
import { roleWord } from '#app/_words/roles.ts';

export interface Account {
  name: string;
  role: string;
  theme: Theme;
}

/** Who is signed in, the colours of the console, its keys, and the way out. Opens as soon as it is there. */
export function AccountPopup({ name, role, theme, trigger }: Account & { trigger: Trigger }) {
  const [chosen, setChosen] = useState(theme);

  function choose(value: string) {
    const next = themeOf(value);
    setChosen(next);
    remember(themeCookie, next === 'system' ? '' : next);
    document.documentElement.dataset.theme = next;
  }

  return (
    <Menu.Root defaultOpen>
      <Menu.Trigger aria-label={trigger.label} className={trigger.className}>
        {trigger.content}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={6} className="z-40">
          <Menu.Popup className={menuPopup}>
            <div className="border-line border-b px-2.5 pt-1.5 pb-2">
              <p className="font-medium break-words">{name}</p>
              <p className="text-quiet">{roleWord(role)}</p>
            </div>
            <Menu.RadioGroup value={chosen} onValueChange={choose}>
              <Menu.GroupLabel className={menuLabel}>{words.theme}</Menu.GroupLabel>
              {themes.map((one) => (
                <Menu.RadioItem key={one} value={one} closeOnClick={false} className={menuItem}>
                  <span className="size-4">
                    <Menu.RadioItemIndicator>
                      <Check aria-hidden className="size-4" />
                    </Menu.RadioItemIndicator>
                  </span>
                  {words.themes[one]}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Separator className="my-1 h-px bg-line" />
            <Menu.Item className={menuItem} onClick={openKeys}>
              <Keyboard aria-hidden className="size-4 text-quiet" />
              {words.keys}
            </Menu.Item>
            <Menu.Item className={menuItem} onClick={() => signOut({ callbackUrl: '/sign-in' })}>
              <LogOut aria-hidden className="size-4 text-quiet" />
              {words.signOut}
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
