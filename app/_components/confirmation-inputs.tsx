import { InputFrame, TextInput, TickBox } from '#app/_components/input-frame.tsx';
import { FormPart } from '#app/_components/schema-form.tsx';
import { bindConfirmation as words } from '#app/_words/bindings.ts';
import { levelWord } from '#app/_words/rotation.ts';

type Level = keyof typeof words.levels;

/** When a rotation may go on past a binding, and whether it is delivered to first. */
export function ConfirmationInputs({
  levels,
  first,
}: {
  levels: readonly Level[];
  first: { required: boolean; canary: boolean; needs: string | undefined; consumerUrl: string | null };
}) {
  return (
    <FormPart title={words.title}>
      <TickBox
        name="required"
        label={words.required}
        hint={words.requiredHint}
        defaultChecked={first.required}
      />
      <TickBox name="canary" label={words.canary} hint={words.canaryHint} defaultChecked={first.canary} />
      <InputFrame
        name="needs"
        label={words.needs}
        hint={levels.map((level) => words.levels[level]).join(' ')}
        className="[&_select]:max-w-60"
      >
        {(control) => (
          <select {...control} defaultValue={first.needs}>
            {levels.map((level) => (
              <option key={level} value={level}>
                {levelWord(level)}
              </option>
            ))}
          </select>
        )}
      </InputFrame>
      <TextInput
        name="consumerUrl"
        label={words.consumer}
        hint={words.consumerHint}
        type="url"
        placeholder={words.consumerExample}
        spellCheck={false}
        defaultValue={first.consumerUrl ?? undefined}
      />
    </FormPart>
  );
}
