import { Notice } from '#app/_components/notice.tsx';
import { roleNotice as words } from '#app/_words/forms.ts';
import type { Role } from '#core/access/actor.ts';

/** Says which role a page takes. Core refuses by itself; this saves people the typing. */
export function RoleNotice({ may, role, act }: { may: readonly Role[]; role: Role; act: string }) {
  return <Notice tone="info">{words.takes(may, act, role)}</Notice>;
}
