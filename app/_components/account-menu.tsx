'use client';

import { CircleUserRound } from 'lucide-react';
import type { Account } from '#app/_components/account-popup.tsx';
import { barButton } from '#app/_components/menu-look.ts';
import { Opener, onDemand, type Trigger } from '#app/_components/on-demand.tsx';
import { accountMenu as words } from '#app/_words/frame.ts';

const popup = onDemand<Account & { trigger: Trigger }>(
  async () => (await import('#app/_components/account-popup.tsx')).AccountPopup,
);

/** The button of who is signed in. */
export function AccountMenu(account: Account) {
  const trigger = {
    label: words.label(account.name),
    className: barButton,
    content: (
      <>
        <CircleUserRound aria-hidden className="size-4" />
        <span className="max-w-32 truncate max-lg:hidden">{account.name}</span>
      </>
    ),
  };
  return <Opener part={popup} opens="menu" trigger={trigger} props={account} />;
}
