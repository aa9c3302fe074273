import type { Metadata } from 'next';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { roleWord } from '#app/_words/roles.ts';
import { accountPage as words } from '#app/_words/settings.ts';
import { ChangePassword } from '#app/(console)/settings/account/change-password.tsx';
import { SecondFactor } from '#app/(console)/settings/account/second-factor.tsx';
import { readAccount } from '#core/users/read-account.ts';

export const metadata: Metadata = { title: words.title };

export default async function AccountPage() {
  const actor = await currentActor();
  const wanted = actor.lacksSecondFactor === true;
  const account = await ask(() => readAccount(actor, {}));
  return (
    <>
      <PageHeader
        title={words.title}
        // Who was given no name is called by the e-mail.
        about={
          account.ok &&
          [...new Set([account.value.name, account.value.email, roleWord(actor.role)])].join(', ')
        }
      />
      {!account.ok && <Notice tone="bad">{account.message}</Notice>}
      {account.ok && (
        <div className="flex max-w-3xl flex-col gap-6">
          {wanted && <Notice tone="warn">{words.wanted}</Notice>}
          <Panel title={words.secondFactor}>
            <SecondFactor
              has={account.value.hasSecondFactor}
              hasPassword={account.value.hasPassword}
              left={account.value.recoveryCodes}
              wanted={wanted}
            />
          </Panel>
          {!wanted && account.value.hasPassword && (
            <Panel title={words.password}>
              <ChangePassword />
            </Panel>
          )}
        </div>
      )}
    </>
  );
}
