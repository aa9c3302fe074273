import { currentActor } from '#app/_doors/current-actor.ts';
import { settingsTabs } from '#app/_words/settings.ts';
import { Tabs } from '#app/(console)/settings/tabs.tsx';
import { readStandstill } from '#core/rotation/read-standstill.ts';

export default async function SettingsLayout({ children }: LayoutProps<'/settings'>) {
  const actor = await currentActor();
  if (actor.lacksSecondFactor === true) {
    return children;
  }
  const standstill = await readStandstill(actor, {});
  return (
    <>
      <p className="mb-2 text-sm text-quiet">{settingsTabs.title}</p>
      <Tabs role={actor.role} isRestored={standstill?.restored === true} />
      {children}
    </>
  );
}
