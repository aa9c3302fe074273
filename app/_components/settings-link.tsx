import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { changeSettings as words } from '#app/_words/change-settings.ts';

/** Leads to the settings of an issuer or a target, where its kind has any. */
export function SettingsLink({
  of,
  system,
}: {
  of: 'issuers' | 'targets';
  system: { id: string; name: string; hasSettings: boolean };
}) {
  return (
    system.hasSettings && (
      <Link href={`/${of}/${system.id}`} className={buttonClass()}>
        {words.open}
        <span className="sr-only"> {system.name}</span>
      </Link>
    )
  );
}
