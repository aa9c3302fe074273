'use client';

import { useRouter } from 'next/navigation';
import { textOf, valuesOf } from '#app/_components/form-values.ts';
import { TextInput } from '#app/_components/input-frame.tsx';
import { NoticeInputs, noticesOf } from '#app/_components/notice-inputs.tsx';
import { SchemaFields } from '#app/_components/schema-fields.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import { common } from '#app/_words/common.ts';
import { changeNotifierForm as words } from '#app/_words/notifiers.ts';
import { changeNotifierAction } from '#app/(console)/notifiers/actions.ts';
import type { FormField } from '#core/outside/draw-form.ts';

interface Notifier {
  id: string;
  name: string;
  notices: readonly string[];
}

/** Two forms: what a notifier is called and tells of, which wants no secret, and where it sends to, which wants all of them. */
export function ChangeNotifier({ notifier, fields }: { notifier: Notifier; fields: readonly FormField[] }) {
  const router = useRouter();
  const notifierId = notifier.id;
  const both = {
    onDone: () => router.push('/notifiers'),
    sending: common.saving,
    cancel: '/notifiers',
  };
  return (
    <div className="flex flex-col gap-10">
      <SchemaForm
        {...both}
        submit={words.save}
        send={(data) =>
          changeNotifierAction({ notifierId, name: textOf(data, 'name') ?? '', notices: noticesOf(data) })
        }
      >
        <FormPart title={words.title}>
          <TextInput
            name="name"
            label={common.name}
            hint={common.nameHint}
            required
            maxLength={100}
            defaultValue={notifier.name}
          />
        </FormPart>
        <NoticeInputs chosen={notifier.notices} />
      </SchemaForm>
      <SchemaForm
        {...both}
        submit={words.sendThere}
        send={(data) => changeNotifierAction({ notifierId, config: valuesOf(fields, 'config', data) })}
      >
        <FormPart title={words.where} about={words.allAnew}>
          <SchemaFields part="config" fields={fields} />
        </FormPart>
      </SchemaForm>
    </div>
  );
}
