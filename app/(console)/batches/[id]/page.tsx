import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { currentActor } from '#app/_doors/current-actor.ts';
import { tryAsk } from '#app/_doors/try-ask.ts';
import { batchPage as words } from '#app/_words/batches.ts';
import { LiveBatch } from '#app/(console)/batches/[id]/live-batch.tsx';
import { readBatch } from '#core/rotation/batches/read-batch.ts';
import { stopBatch } from '#core/rotation/batches/stop-batch.ts';

export const metadata: Metadata = { title: words.title };

export default async function BatchPage({ params }: PageProps<'/batches/[id]'>) {
  const actor = await currentActor();
  const { id: batchId } = await params;
  const found = await tryAsk(() => readBatch(actor, { batchId }));
  if (!found.ok) {
    notFound();
  }
  return (
    <LiveBatch batch={found.value} mayAct={stopBatch.may.includes(actor.role)} takesRole={stopBatch.may} />
  );
}
