import { Brand } from '#app/_components/brand.tsx';
import { Navigation } from '#app/_components/navigation.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { SignOutButton } from '#app/_components/sign-out-button.tsx';
import { Ago } from '#app/_components/time.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { PauseEverything } from '#app/(console)/pause-everything.tsx';
import { pauseEverything } from '#core/rotation/pause-everything.ts';
import { readStandstill } from '#core/rotation/read-standstill.ts';

export default async function ConsoleLayout({ children }: LayoutProps<'/'>) {
  const actor = await currentActor();
  const standstill = await readStandstill(actor, {});
  return (
    <div className="flex min-h-dvh flex-col md:flex-row">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:p-3">
        Skip to the content
      </a>
      <header className="flex flex-wrap items-center gap-x-6 gap-y-2 border-line border-b bg-surface px-4 py-3 md:sticky md:top-0 md:h-dvh md:w-56 md:shrink-0 md:flex-col md:flex-nowrap md:items-stretch md:gap-y-6 md:overflow-y-auto md:border-r md:border-b-0 md:py-5">
        <Brand />
        <Navigation />
        <div className="ml-auto flex items-center gap-3 md:mt-auto md:ml-0 md:flex-col md:items-stretch">
          <p className="hidden text-sm md:block">
            {actor.name}
            <span className="block text-quiet">{actor.role}</span>
          </p>
          <SignOutButton />
        </div>
      </header>
      <main id="content" className="mx-auto w-full max-w-6xl min-w-0 flex-1 px-4 py-6 md:px-8">
        {standstill !== null && (
          <div className="mb-6">
            <Notice tone="warn">
              <p>
                {standstill.by} paused everything <Ago at={standstill.at} />: {standstill.reason}
              </p>
              {pauseEverything.may.includes(actor.role) && (
                <div className="mt-2">
                  <PauseEverything paused />
                </div>
              )}
            </Notice>
          </div>
        )}
        {children}
      </main>
    </div>
  );
}
