import { TextLink } from '#app/_components/text-link.tsx';
import { chosenKind as words } from '#app/_words/forms.ts';
import type { IssuerKind } from '#core/issuers/list-issuer-kinds.ts';

/** Which kind of system is being added, what it must let Rekey do, and what it was last tried against. */
export function ChosenKind({
  kind,
  others,
}: {
  kind: Pick<IssuerKind, 'title' | 'docs' | 'needs' | 'proven'>;
  others: string;
}) {
  const { title, docs, needs, proven } = kind;
  const tried =
    proven.against === 'real server'
      ? words.tested(proven.what, proven.on)
      : words.testedOnImitation(proven.what, proven.on);
  return (
    <span className="flex flex-col gap-1">
      <span className="flex flex-wrap gap-x-4">
        <span>{title}</span>
        <TextLink href={others}>{words.another}</TextLink>
        {docs.startsWith('https://') && (
          <a
            href={docs}
            target="_blank"
            rel="noreferrer"
            className="inline-flex min-h-6 items-center text-accent underline-offset-4 hover:underline"
          >
            {words.documentation}
          </a>
        )}
      </span>
      <span className="max-w-2xl text-sm text-quiet">{words.needs(needs)}</span>
      <span className="max-w-2xl text-sm text-quiet">{tried}</span>
    </span>
  );
}
