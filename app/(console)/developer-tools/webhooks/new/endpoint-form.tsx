'use client';

import { useState } from 'react';
import { postJson } from '#app/_components/post-json.ts';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import { useStepUp } from '#app/_components/step-up.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { endpointForm as words } from '#app/_words/webhooks.ts';
import {
  EndpointFields,
  endpointWish,
  fieldsOf,
} from '#app/(console)/developer-tools/webhooks/endpoint-fields.tsx';
import { EventNames } from '#app/(console)/developer-tools/webhooks/event-names.tsx';
import { SigningSecret } from '#app/(console)/developer-tools/webhooks/signing-secret.tsx';

interface Made {
  id: string;
  secret: string;
}

/** Makes an endpoint, and shows its signing secret in place of the form. */
export function EndpointForm({ eventNames }: { eventNames: readonly string[] }) {
  const { withStepUp, dialog } = useStepUp();
  const [made, setMade] = useState<Made | null>(null);

  async function send(data: FormData) {
    const wish = endpointWish(data);
    const answer = await withStepUp(() => postJson<Made>('/developer-tools/webhooks/new/endpoint', wish));
    return answer.ok ? answer : { ...answer, fields: fieldsOf(answer.fields) };
  }

  if (made !== null) {
    return (
      <section aria-label={words.made} className="flex max-w-2xl flex-col gap-4">
        <SigningSecret secret={made.secret} />
        <TextLink href={`/developer-tools/webhooks/${made.id}`}>{words.openIt}</TextLink>
      </section>
    );
  }
  return (
    <>
      <SchemaForm
        send={send}
        onDone={setMade}
        submit={words.add}
        sending={words.adding}
        cancel="/developer-tools/webhooks"
      >
        <FormPart title={words.title}>
          <EndpointFields />
          <EventNames names={eventNames} />
        </FormPart>
      </SchemaForm>
      {dialog}
    </>
  );
}
