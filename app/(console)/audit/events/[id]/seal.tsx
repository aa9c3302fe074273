import { fill } from '#app/_components/fill.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Moment } from '#app/_components/time.tsx';
import { eventSeal as words } from '#app/_words/audit.ts';
import type { Actor } from '#core/access/actor.ts';
import { faultOfProof } from '#core/audit/inclusion.ts';
import { readInclusionProof } from '#core/evidence/read-inclusion-proof.ts';
import { Problem } from '#lib/problem.ts';

/** The proof of an event, or the sentence why there is none. */
async function proofOf(actor: Actor, eventId: string) {
  try {
    return await readInclusionProof(actor, { eventId });
  } catch (error) {
    if (error instanceof Problem) {
      return error.message;
    }
    throw error;
  }
}

/** Whether the event is in the sealed log, checked as the page is made, and the proof to keep. */
export async function Seal({ actor, eventId }: { actor: Actor; eventId: string }) {
  const proof = await proofOf(actor, eventId);
  if (typeof proof === 'string') {
    return (
      <Panel title={words.title}>
        <p className="text-quiet">{proof}</p>
      </Panel>
    );
  }
  const { checkpoint, seq } = proof;
  const fault = faultOfProof(proof);
  return (
    <Panel title={words.title}>
      <div className="flex flex-col gap-3 text-sm">
        {fault === null ? (
          <p>
            {fill(words.place, {
              number: seq,
              batch: checkpoint.n,
              at: <Moment at={checkpoint.at} withSeconds />,
              key: <code>{checkpoint.keyId}</code>,
            })}
          </p>
        ) : (
          <p className="text-bad">{words.fault(fault)}</p>
        )}
        <details>
          <summary className="min-h-6 w-fit text-quiet hover:text-ink">{words.proof}</summary>
          <pre className="mt-2 overflow-x-auto rounded-md bg-raised p-3 font-mono text-[0.8125rem] whitespace-pre-wrap [overflow-wrap:anywhere]">
            {JSON.stringify(proof, null, 2)}
          </pre>
        </details>
      </div>
    </Panel>
  );
}
