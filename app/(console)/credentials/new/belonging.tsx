'use client';

import { TextInput } from '#app/_components/input-frame.tsx';
import { common } from '#app/_words/common.ts';
import { belonging as words } from '#app/_words/import.ts';

const environments = ['production', 'staging', 'test', 'development'];

/** Where credentials belong, and to whom. */
export function BelongingInputs() {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextInput
        name="environment"
        label={common.environment}
        list="environments"
        defaultValue="production"
        required
        maxLength={50}
      />
      <TextInput name="owner" label={words.owner} hint={words.ownerAbout} maxLength={100} />
      <TextInput
        name="labels"
        label={words.labels}
        hint={words.labelsAbout}
        maxLength={1000}
        className="sm:col-span-2"
      />
      <datalist id="environments">
        {environments.map((environment) => (
          <option key={environment} value={environment} />
        ))}
      </datalist>
    </div>
  );
}
