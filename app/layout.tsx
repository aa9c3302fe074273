import type { Metadata } from 'next';
import { connection } from 'next/server';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Rekey', template: '%s · Rekey' },
  description: 'Rotate client secrets without downtime.',
};

/** Every page is drawn for its request: a page drawn in advance would lack the nonce without which no script runs. */
export default async function RootLayout({ children }: LayoutProps<'/'>) {
  await connection();
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
