/** Markup that is safe to send: every value put into it was escaped. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Piece = string | number | Html | readonly Html[];

/** A template tag: what is put in is escaped, unless it is `Html` already. Put values in double quotes within tags. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  const written = strings.map((text, index) => text + write(pieces[index] ?? ''));
  return new Html(written.join(''));
}

function write(piece: Piece): string {
  if (piece instanceof Html) return piece.markup;
  if (typeof piece === 'object') return piece.map((part) => part.markup).join('');
  return `${piece}`
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
