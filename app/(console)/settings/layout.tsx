import { currentActor } from '#app/_doors/current-actor.ts';
import { Tabs } from '#app/(console)/settings/tabs.tsx';

export default async function SettingsLayout({ children }: LayoutProps<'/settings'>) {
  const { role } = await currentActor();
  return (
    <>
      <p className="mb-2 text-sm text-quiet">Settings</p>
      <Tabs role={role} />
      {children}
    </>
  );
}
