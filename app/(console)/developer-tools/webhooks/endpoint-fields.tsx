'use client';

import { InputFrame, TextInput } from '#app/_components/input-frame.tsx';
import { common } from '#app/_words/common.ts';
import { endpointFields as words } from '#app/_words/webhooks.ts';

interface Known {
  name: string;
  url: string;
  events: readonly string[];
}

/** What a webhook endpoint is told by: its name, its address and its events. */
export function EndpointFields({ known }: { known?: Known }) {
  return (
    <>
      <TextInput
        name="name"
        label={common.name}
        hint={words.nameHint}
        required
        maxLength={100}
        defaultValue={known?.name}
      />
      <TextInput
        name="url"
        label={words.address}
        type="url"
        inputMode="url"
        hint={words.addressHint}
        required
        defaultValue={known?.url}
      />
      <InputFrame name="events" label={words.events} required hint={words.eventsHint}>
        {(control) => (
          <textarea
            {...control}
            rows={4}
            spellCheck={false}
            autoCapitalize="none"
            defaultValue={(known?.events ?? ['rotation.*']).join('\n')}
            className={`${control.className} py-1.5 font-mono text-sm`}
          />
        )}
      </InputFrame>
    </>
  );
}

/** What was filled in. */
export function endpointWish(data: FormData) {
  const events = String(data.get('events') ?? '').split(/[\s,]+/);
  return {
    name: String(data.get('name') ?? ''),
    url: String(data.get('url') ?? '').trim(),
    events: events.filter((one) => one !== ''),
  };
}

/** A fault of one of several events is told at the field of all of them. */
export function fieldsOf(fields: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([path, message]) => [path.replace(/\..*/, ''), message]),
  );
}
