'use client';

import type { FormEvent } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { fill } from '#app/_components/fill.tsx';
import { wordsOf } from '#app/_components/form-values.ts';
import type { Answer } from '#app/_doors/answer.ts';
import { userLimits as words } from '#app/_words/settings.ts';
import { changeScopeAction } from '#app/(console)/settings/users/actions.ts';
import type { UserRow } from '#core/users/list-users.ts';

/** What somebody is limited to, as the end of a line; nothing where nothing limits them. */
export function limitWords({ environments, labels }: UserRow): string {
  const parts = [
    environments.length > 0 ? words.onlyIn(environments) : '',
    labels.length > 0 ? words.onlyLabelled(labels) : '',
  ];
  return parts
    .filter(Boolean)
    .map((part) => ` · ${part}`)
    .join('');
}

/** Which credentials a user sees and works with. */
export function Limits({
  user,
  busy,
  change,
}: {
  user: UserRow;
  busy: boolean;
  change(call: () => Promise<Answer<void>>): void;
}) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const [environments, labels] = [wordsOf(data, 'environments'), wordsOf(data, 'labels')];
    change(() => changeScopeAction(user.id, environments, labels));
  }
  return (
    <details className="text-sm">
      <summary className="inline-flex min-h-6 cursor-pointer items-center text-accent">
        {fill(words.open, { whose: <span className="sr-only">{words.whose(user.name)}</span> })}
      </summary>
      <form onSubmit={submit} method="post" className="mt-3 flex flex-col gap-3">
        <div className="grid gap-3 sm:grid-cols-2">
          <Field
            label={words.environments}
            name="environments"
            defaultValue={user.environments.join(', ')}
            hint={words.environmentsHint}
          />
          <Field
            label={words.labels}
            name="labels"
            defaultValue={user.labels.join(', ')}
            hint={words.labelsHint}
          />
        </div>
        <div>
          <Button type="submit" disabled={busy}>
            {words.save}
          </Button>
        </div>
      </form>
    </details>
  );
}
