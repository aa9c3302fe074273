import { TickBox } from '#app/_components/input-frame.tsx';
import { FormPart } from '#app/_components/schema-form.tsx';
import { noticeWords } from '#app/_words/notices.ts';
import { notifierForm as words } from '#app/_words/notifiers.ts';
import type { NoticeKind } from '#core/notifiers/notice-kinds.ts';

const kinds = Object.keys(noticeWords) as NoticeKind[];

/** The kinds of notices that are ticked. */
export const noticesOf = (data: FormData) => kinds.filter((one) => data.get(`notices.${one}`) !== null);

/** What a notifier tells of, a tick box each. */
export function NoticeInputs({ chosen = kinds }: { chosen?: readonly string[] }) {
  return (
    <FormPart title={words.tellsOf} about={words.howOften}>
      {kinds.map((one) => (
        <TickBox
          key={one}
          name={`notices.${one}`}
          label={noticeWords[one]}
          defaultChecked={chosen.includes(one)}
        />
      ))}
    </FormPart>
  );
}
