import { Notice } from '#app/_components/notice.tsx';
import type { Role } from '#core/access/actor.ts';

/** Says which role a page takes. Core refuses by itself; this saves people the typing. */
export function RoleNotice({ may, role, act }: { may: readonly Role[]; role: Role; act: string }) {
  return (
    <Notice tone="info">
      It takes the role {may.join(' or ')} to {act}; yours is {role}. An admin can grant it.
    </Notice>
  );
}
