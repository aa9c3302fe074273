import fs from 'node:fs';
import type { Metadata } from 'next';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { env } from '#lib/env.ts';

export const metadata: Metadata = { title: 'About' };

function version(): string {
  const { version: said } = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { version: string };
  return said;
}

export default async function AboutPage() {
  await currentActor();
  const { REKEY_URL, REDIS_URL, REKEY_MASTER_KEYS } = env();
  const [sealing] = REKEY_MASTER_KEYS.keys();
  const facts = [
    ['Version', version()],
    ['Licence', 'Apache-2.0'],
    ['Address', REKEY_URL.origin],
    ['Queue', REDIS_URL === undefined ? 'PostgreSQL' : 'Redis'],
    ['Node.js', process.versions.node],
    ['Key that seals', sealing],
  ];
  return (
    <>
      <PageHeader title="About" about="What runs here." />
      <Panel title="This Rekey">
        <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[10rem_1fr]">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-quiet">{name}</dt>
              <dd className="mb-2 break-words sm:mb-0">{value}</dd>
            </div>
          ))}
        </dl>
      </Panel>
    </>
  );
}
