import { cookies } from 'next/headers';
import Link from 'next/link';
import { Suspense } from 'react';
import { AccountMenu } from '#app/_components/account-menu.tsx';
import { Brand } from '#app/_components/brand.tsx';
import { EnvironmentSwitch } from '#app/_components/environment-switch.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Keys } from '#app/_components/keys.tsx';
import { BottomBar, Rail } from '#app/_components/navigation.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Palette } from '#app/_components/palette.tsx';
import type { Act } from '#app/_components/palette-items.ts';
import { keysCookie, themeCookie, themeOf } from '#app/_components/preferences.ts';
import { RunningProvider, RunningTray, WorkerBanner } from '#app/_components/running.tsx';
import { SignInAgainProvider } from '#app/_components/sign-in-again.tsx';
import { Ago } from '#app/_components/time.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { chosenEnvironment } from '#app/_doors/environment.ts';
import { singleSignOn } from '#app/_doors/single-sign-on.ts';
import { restored as restoredWords, skipLink, standstill as standstillWords } from '#app/_words/frame.ts';
import { PauseEverything } from '#app/(console)/pause-everything.tsx';
import type { Actor, Role } from '#core/access/actor.ts';
import { listEnvironments } from '#core/credentials/list-environments.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { listRunning } from '#core/rotation/list-running.ts';
import { pauseEverything } from '#core/rotation/pause-everything.ts';
import { readStandstill } from '#core/rotation/read-standstill.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';

const actsOf = (role: Role): Act[] => [
  ...(requestRotation.may.includes(role) ? ['rotate' as const] : []),
  ...(pauseCredential.may.includes(role) ? ['pause' as const] : []),
];

const signInAgainName = (actor: Actor) =>
  actor.kind === 'user' && actor.signsInAgain === true ? (singleSignOn()?.name ?? null) : null;

/** What stops everything in a restored database, and where to go on. */
function Restored({ reason, mayEnd }: { reason: string; mayEnd: boolean }) {
  return (
    <div className="mb-6">
      <Notice tone="warn">
        <p>
          {restoredWords.nothingRuns} {reason}
        </p>
        <p className="mt-1">
          {fill(restoredWords.goesOn, { command: <code>{restoredWords.command}</code> })}
        </p>
        {mayEnd && (
          <p className="mt-1">
            <Link href="/settings/after-restore" className="underline underline-offset-2">
              {restoredWords.whatWasFound}
            </Link>
          </p>
        )}
      </Notice>
    </div>
  );
}

function Standstill({
  standstill: { by, at, reason, restored },
  mayEnd,
}: {
  standstill: { by: string; at: string; reason: string; restored: boolean };
  mayEnd: boolean;
}) {
  if (restored) {
    return <Restored reason={reason} mayEnd={mayEnd} />;
  }
  return (
    <div className="mb-6">
      <Notice tone="warn">
        <p>{fill(standstillWords.paused, { by, ago: <Ago at={at} />, reason })}</p>
        {mayEnd && (
          <div className="mt-2">
            <PauseEverything paused />
          </div>
        )}
      </Notice>
    </div>
  );
}

/** The frame of every page: where one can go, which environment is shown, what runs, and who is signed in. */
export default async function ConsoleLayout({ children }: LayoutProps<'/'>) {
  const actor = await currentActor();
  const chosen = await cookies();
  const account = (
    <AccountMenu name={actor.name} role={actor.role} theme={themeOf(chosen.get(themeCookie)?.value)} />
  );
  if (actor.lacksSecondFactor === true) {
    return (
      <div className="mx-auto flex min-h-dvh max-w-3xl flex-col gap-6 px-4 py-6">
        <header className="flex items-center justify-between gap-4">
          <Brand />
          {account}
        </header>
        <main id="content">{children}</main>
      </div>
    );
  }
  const [standstill, running, environments, environment] = await Promise.all([
    readStandstill(actor, {}),
    listRunning(actor, {}),
    listEnvironments(actor, {}),
    chosenEnvironment(),
  ]);
  return (
    <RunningProvider first={running}>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:z-50 focus:rounded-md focus:bg-surface focus:p-3"
      >
        {skipLink.toContent}
      </a>
      <div className="flex min-h-dvh">
        <div className="sticky top-0 flex h-dvh w-14 shrink-0 flex-col gap-5 overflow-y-auto border-line border-r bg-surface px-2 py-3 max-md:hidden lg:w-56 lg:px-4">
          <Link href="/overview" className="flex min-h-9 items-center max-lg:justify-center">
            <Brand />
          </Link>
          <Rail />
        </div>
        <div className="flex min-w-0 flex-1 flex-col max-md:pb-16">
          <header className="sticky top-0 z-30 flex items-center gap-2 border-line border-b bg-surface px-3 py-2 md:px-6">
            <Link href="/overview" className="mr-1 flex min-h-9 shrink-0 items-center md:hidden">
              <Brand small />
            </Link>
            <Suspense>
              <EnvironmentSwitch environments={environments} chosen={environment} />
            </Suspense>
            <div className="ml-auto flex shrink-0 items-center gap-2">
              <Palette may={actsOf(actor.role)} />
              <RunningTray />
              {account}
            </div>
          </header>
          <main id="content" className="mx-auto w-full max-w-7xl min-w-0 flex-1 px-4 py-6 md:px-8">
            <WorkerBanner />
            {standstill !== null && (
              <Standstill standstill={standstill} mayEnd={pauseEverything.may.includes(actor.role)} />
            )}
            <SignInAgainProvider name={signInAgainName(actor)}>{children}</SignInAgainProvider>
          </main>
        </div>
        <BottomBar />
      </div>
      <Keys on={chosen.get(keysCookie)?.value !== 'off'} />
    </RunningProvider>
  );
}
