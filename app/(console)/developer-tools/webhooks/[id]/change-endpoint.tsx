'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import { useStepUp } from '#app/_components/step-up.tsx';
import { common } from '#app/_words/common.ts';
import { changeEndpoint as words } from '#app/_words/webhooks.ts';
import { changeEndpointAction } from '#app/(console)/developer-tools/webhooks/actions.ts';
import {
  EndpointFields,
  endpointWish,
  fieldsOf,
} from '#app/(console)/developer-tools/webhooks/endpoint-fields.tsx';
import { EventNames } from '#app/(console)/developer-tools/webhooks/event-names.tsx';
import type { WebhookEndpointDetails } from '#core/webhooks/read-webhook-endpoint.ts';

/** Another name, address or choice of events. The next attempt goes by it. */
export function ChangeEndpoint({
  endpoint,
  eventNames,
}: {
  endpoint: WebhookEndpointDetails;
  eventNames: readonly string[];
}) {
  const router = useRouter();
  const { withStepUp, dialog } = useStepUp();
  const [times, setTimes] = useState(0);

  async function send(data: FormData) {
    const wish = { endpointId: endpoint.id, ...endpointWish(data) };
    const answer = await withStepUp(() => changeEndpointAction(wish));
    return answer.ok ? answer : { ...answer, fields: fieldsOf(answer.fields) };
  }

  function done() {
    setTimes(times + 1);
    router.refresh();
  }

  return (
    <>
      <SchemaForm
        key={times}
        send={send}
        onDone={done}
        submit={common.save}
        sending={common.saving}
        cancel="/developer-tools/webhooks"
      >
        <FormPart title={words.title}>
          <EndpointFields known={endpoint} />
          <EventNames names={eventNames} />
        </FormPart>
      </SchemaForm>
      <p role="status" className="text-sm text-quiet empty:hidden">
        {times > 0 && words.saved}
      </p>
      {dialog}
    </>
  );
}
