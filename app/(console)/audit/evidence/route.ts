import { download } from '#app/_doors/download.ts';
import { answerForm, stamp } from '#app/(console)/audit/download-form.ts';
import { bundleEvidence } from '#core/evidence/bundle-evidence.ts';

/** The evidence bundle of a rotation, or of a credential and a time, written while it is read. */
export function POST(request: Request) {
  return answerForm(request, async (actor, field) => {
    const rotationId = field('rotation');
    const { type, name, parts } = await bundleEvidence(
      actor,
      rotationId === undefined
        ? { credentialId: field('credential') ?? '', created: field('created') }
        : { rotationId },
    );
    return download(`rekey-evidence-${name}-${stamp()}.zip`, type, parts);
  });
}
