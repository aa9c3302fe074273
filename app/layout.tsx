import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { ownZoneCookie, themeCookie, themeOf } from '#app/_components/preferences.ts';
import { TellZone } from '#app/_components/tell-zone.tsx';
import { site as words } from '#app/_words/frame.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: words.name, template: words.titleOf('%s') },
  description: words.about,
};

/** Every page is drawn for its request: a page drawn in advance would lack the nonce without which no script runs. */
export default async function RootLayout({ children }: LayoutProps<'/'>) {
  // Reading a cookie also keeps a page from being drawn in advance.
  const kept = await cookies();
  const theme = themeOf(kept.get(themeCookie)?.value);
  return (
    <html lang="en" data-theme={theme}>
      <body>
        {children}
        <TellZone told={kept.get(ownZoneCookie)?.value} />
      </body>
    </html>
  );
}
