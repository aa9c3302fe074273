const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What an element holds: text, or its children by name. A child that is named `member` is always in a list. */
export type Xml = string | { readonly [name: string]: Xml | readonly Xml[] };

/**
 * Reads the plain XML that AWS query APIs answer with: elements and text. Attributes, comments and the XML declaration
 * are passed over. Undefined where the text is no such XML, which includes a DOCTYPE, and with it entities of its own.
 */
export function readXml(text: string): Xml | undefined {
  const tokens = text.replaceAll(/<\?[^>]*\?>|<!--[\s\S]*?-->/g, '').match(/<[^>]*>|[^<]+/g) ?? [];
  const root: Open = { name: '', text: '', children: [] };
  const open = [root];
  for (const token of tokens) {
    const parent = open.at(-1);
    if (parent === undefined) return undefined;
    const tag = /^<(\/?)([A-Za-z_][\w.:-]*)(?:\s[^>]*?)?(\/?)>$/.exec(token);
    if (tag === null) {
      if (token.startsWith('<')) return undefined;
      parent.text += token;
      continue;
    }
    const [, closes, name = '', empty] = tag;
    if (closes) {
      if (parent.name !== name || open.pop() === root) return undefined;
      continue;
    }
    const element: Open = { name, text: '', children: [] };
    parent.children.push(element);
    if (!empty) open.push(element);
  }
  if (open.length !== 1 || root.text.trim() !== '' || root.children.length !== 1) return undefined;
  return contentOf(root);
}

interface Open {
  readonly name: string;
  text: string;
  readonly children: Open[];
}

function contentOf({ text, children }: Open): Xml {
  if (children.length === 0) return decoded(text.trim());
  const members = children.filter(({ name }) => name === 'member').map(contentOf);
  const others = children.filter(({ name }) => name !== 'member');
  const entries: [string, Xml | readonly Xml[]][] = others.map((child) => [child.name, contentOf(child)]);
  return Object.fromEntries(members.length === 0 ? entries : [...entries, ['member', members]]);
}

function decoded(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,4});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
