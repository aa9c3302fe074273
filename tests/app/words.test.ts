import fs from 'node:fs';
import { parseAst } from 'rolldown/parseAst';
import { describe, expect, test } from 'vitest';

/*
 * What the console says stands in app/_words, so that it can be read in one go and translated. Here every other file
 * of the console is parsed, and what reads like words is told.
 */

/**
 * What programs read: the API with its document, which is written beside its routes, the token endpoint, single sign-on, the
 * metrics and the probes.
 */
const forPrograms = [/^app\/_doors\/(api\/|api-actor|oauth|single-sign-on)/, /^app\/(api|health|metrics)\//];
const elsewhere = [/^app\/_words\//, ...forPrograms];

/** Said by a browser or a protocol, not to a person. */
const protocol = new Set(['Escape', 'Enter', 'Tab', 'Home', 'End', 'Backspace', 'Delete', 'Bearer', 'Basic']);

/** Attributes that are read out or shown. */
const shown =
  /^(aria-label|aria-description|title|label|placeholder|alt|about|legend|heading|hint|word|caption)$/;
/** Attributes and properties that are never shown. */
const never =
  /^(className|href|id|type|name|role|autoComplete|rel|target|d|viewBox|transform|strokeLinecap|key)$/;

const bareClasses = new Set(
  'absolute block border contents fixed flex grid hidden inline italic relative rounded sticky static truncate underline uppercase lowercase capitalize shadow group peer transition'.split(
    ' ',
  ),
);

/** Whether most of it are names of classes, as Tailwind writes them. */
function isClasses(text: string): boolean {
  const tokens = text.trim().split(/\s+/);
  const classes = tokens.filter(
    (token) => bareClasses.has(token) || /^[^A-Z“”’.]*[-:[][^A-Z“”’]*$/.test(token),
  );
  return classes.length * 2 > tokens.length;
}

/** Whether a person would read it as words: a capital first, or some small words in a row. */
function isSaid(text: string): boolean {
  if (protocol.has(text) || isClasses(text)) {
    return false;
  }
  return /^[^a-zA-Z]*[A-Z][a-z’]+([ .,:;?!…{]|$)/.test(text) || /[a-z’,;]+ [a-z’]+[ .,…]/.test(text);
}

interface Node {
  type: string;
  [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** A literal's text, with `{}` where a template puts something in. */
function textOf(node: Node): string | null {
  if (node.type === 'Literal' && typeof node.value === 'string') {
    return node.value;
  }
  if (node.type === 'TemplateLiteral') {
    return (node.quasis as { value: { raw: string } }[]).map(({ value }) => value.raw).join('{}');
  }
  return null;
}

/** Lines of the log, and errors that only whoever programs can cause. */
function isForTheLog(node: Node): boolean {
  const callee = node.callee;
  if (!isNode(callee)) {
    return false;
  }
  const object = callee.object;
  return node.type === 'NewExpression' ? callee.name === 'Error' : isNode(object) && object.name === 'log';
}

const nameOf = (node: Node) => String((node.name as Node | undefined)?.name ?? '');

/** What a file says to people, in the order of its lines. */
function saidIn(file: string, source: string): string[] {
  const said: string[] = [];
  function look(node: Node, attribute: string | null) {
    const isType = node.type.startsWith('TS') && !node.type.endsWith('Expression');
    const isDirective = typeof node.directive === 'string';
    if (isType || isDirective || node.type === 'ImportDeclaration' || isForTheLog(node)) {
      return;
    }
    if (node.type === 'JSXAttribute') {
      const name = nameOf(node);
      if (!never.test(name) && isNode(node.value)) {
        look(node.value, shown.test(name) ? name : null);
      }
      return;
    }
    const text = node.type === 'JSXText' ? String(node.value) : textOf(node);
    if (text !== null) {
      const always = node.type === 'JSXText' || attribute !== null;
      if (always ? /[a-zA-Z]{2}/.test(text) : isSaid(text)) {
        said.push(text.trim().replaceAll(/\s+/g, ' '));
      }
    }
    for (const field of Object.values(node)) {
      for (const child of Array.isArray(field) ? field : [field]) {
        if (isNode(child)) {
          look(child, node.type === 'Literal' ? null : attribute);
        }
      }
    }
  }
  look(parseAst(source, { lang: file.endsWith('x') ? 'tsx' : 'ts' }) as unknown as Node, null);
  return said;
}

/** Where a role is put before people as core calls it: between elements, in a list, in a template. */
function rawRolesIn(file: string, source: string): number {
  let found = 0;
  const isRole = (node: unknown) =>
    isNode(node) &&
    node.computed !== true &&
    (node.type === 'Identifier' ? node.name : isNode(node.property) ? node.property.name : '') === 'role';
  function look(node: Node, within: Node | null) {
    const isShown = node.type === 'JSXExpressionContainer' && within?.type !== 'JSXAttribute';
    const places = [
      ...(isShown ? [node.expression] : []),
      ...(node.type === 'ArrayExpression' ? (node.elements as unknown[]) : []),
      ...(node.type === 'TemplateLiteral' ? (node.expressions as unknown[]) : []),
    ];
    found += places.filter(isRole).length;
    for (const field of Object.values(node)) {
      for (const child of Array.isArray(field) ? field : [field]) {
        if (isNode(child)) look(child, node);
      }
    }
  }
  look(parseAst(source, { lang: file.endsWith('x') ? 'tsx' : 'ts' }) as unknown as Node, null);
  return found;
}

const files = fs
  .readdirSync('app', { recursive: true, encoding: 'utf8' })
  .map((file) => `app/${file}`)
  .filter((file) => /\.tsx?$/.test(file) && !elsewhere.some((place) => place.test(file)));

describe('the words of the console stand in app/_words', () => {
  test('words between elements, in attributes and in templates are found; classes, types and the log are not', () => {
    const source = `
      import x from './Some words.ts';
      type Kind = 'Some kind of thing';
      const text = \`\${x} was delivered to \${x} of them\`;
      const look = 'flex items-center gap-2';
      log.warn('an export failed');
      const broken = new Error('There is no page around this.');
      export const A = () => <a href="/some page" title="rotate" className="grid Big">Rotate <b>{text}</b></a>;
    `;
    expect(saidIn('a.tsx', source)).toEqual(['{} was delivered to {} of them', 'rotate', 'Rotate']);
  });

  test('no other file of the console says anything of its own', () => {
    const said = files
      .map((file) => [file, saidIn(file, fs.readFileSync(file, 'utf8'))] as const)
      .filter(([, words]) => words.length > 0);
    expect(Object.fromEntries(said)).toEqual({});
  });

  test('a role that is shown by the name that core gives it is found; one that is an attribute or is put into words is not', () => {
    const source = `
      const about = [user.name, user.role].join(', ');
      const said = \`\${role} may\`;
      export const A = () => <p id={role} title={roleWord(role)}>{user.role}{words[role]}</p>;
    `;
    expect(rawRolesIn('a.tsx', source)).toBe(3);
  });

  test('no page shows a role but by its word of app/_words/roles.ts', () => {
    const raw = files.filter((file) => rawRolesIn(file, fs.readFileSync(file, 'utf8')) > 0);
    expect(raw).toEqual([]);
  });
});
