import type { ReactNode } from 'react';

/** The title of a page, what it is about, and what can be done. */
export function PageHeader({
  above,
  title,
  about,
  actions,
}: {
  above?: ReactNode;
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
      <div className="min-w-0 flex-1 basis-72">
        {above !== undefined && <div className="mb-1 text-sm text-quiet">{above}</div>}
        <h1 className="text-2xl font-semibold tracking-tight break-words">{title}</h1>
        {about !== undefined && <div className="mt-1 text-quiet">{about}</div>}
      </div>
      {actions}
    </div>
  );
}
