import fs from 'node:fs';
import type { Metadata } from 'next';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { aboutPage as words } from '#app/_words/settings.ts';
import { env } from '#lib/env.ts';

export const metadata: Metadata = { title: words.title };

function version(): string {
  const { version: said } = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { version: string };
  return said;
}

export default async function AboutPage() {
  await currentActor();
  const { REKEY_URL, REDIS_URL, REKEY_MASTER_KEYS } = env();
  const [sealing] = REKEY_MASTER_KEYS.keys();
  const facts = [
    [words.version, version()],
    [words.licence, words.licenceName],
    [words.address, REKEY_URL.origin],
    [words.queue, REDIS_URL === undefined ? words.postgres : words.redis],
    [words.node, process.versions.node],
    [words.sealingKey, sealing],
  ];
  return (
    <>
      <PageHeader title={words.title} about={words.about} />
      <Panel title={words.facts}>
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
