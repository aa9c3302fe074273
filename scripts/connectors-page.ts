import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { issuerConnectors, notifierConnectors, targetConnectors } from '#connectors/registry.ts';
import { drawForm, untouched } from '#core/outside/draw-form.ts';
import { chooseStrategy } from '#core/rotation/strategies.ts';

/*
 * docs/connectors.md, written from the connectors themselves: npm run docs:connectors. A test holds the page against them.
 */

type Entered = Record<string, unknown>;

interface Connector<Can> {
  readonly config: Parameters<typeof drawForm>[0];
  readonly place: Parameters<typeof drawForm>[0];
  can(config: Entered, place: Entered): Can;
}

interface Shape<Can> {
  /** What is entered otherwise than usual; empty for the usual shape. */
  readonly when: string;
  readonly can: Can;
}

/** The forms as they are drawn, then each choice made otherwise: one at a time, where that changes what can be done. */
function shapesOf<Can>(connector: Connector<Can>): Shape<Can>[] {
  const config = drawForm(connector.config);
  const place = drawForm(connector.place);
  const shape = (changes: Entered, when: string): Shape<Can>[] => {
    const given = (schema: Parameters<typeof drawForm>[0]) => ({
      ...untouched(schema),
      ...Object.fromEntries(Object.entries(changes).filter(([name]) => name in schema.shape)),
    });
    try {
      return [{ when, can: connector.can(given(connector.config), given(connector.place)) }];
    } catch {
      return [];
    }
  };
  const others = [...config, ...place].flatMap(({ name, title, type, choices }) => {
    const values = type === 'boolean' ? [true, false] : choices;
    return values.flatMap((value) => shape({ [name]: value }, `${title}: ${value}`));
  });
  const known = new Set<string>();
  return [...shape({}, ''), ...others].filter(({ can }) => {
    const text = JSON.stringify(can);
    return known.has(text) ? false : known.add(text);
  });
}

type Issuer = typeof issuerConnectors extends ReadonlyMap<string, infer One> ? One : never;
type Notifier = typeof notifierConnectors extends ReadonlyMap<string, infer One> ? One : never;
type Target = typeof targetConnectors extends ReadonlyMap<string, infer One> ? One : never;

function strategyIn(can: ReturnType<Issuer['can']>, hasApi: boolean): string {
  const usual = chooseStrategy(can, hasApi, []);
  const best = chooseStrategy(can, hasApi, [{ required: true, readsNext: true }]);
  return usual === best ? usual : `${best} where every required consumer reads NEXT, else ${usual}`;
}

const issuerWords = (can: ReturnType<Issuer['can']>) =>
  [
    can.maxLive > 1 ? `${can.maxLive} live secrets` : 'one live secret',
    can.chosenValue && 'value chosen by Rekey',
    can.readBack && 'can be read back',
    can.list && (can.tags ? 'listed with our tag' : 'listed'),
    can.expiry && 'can expire',
    can.usageSignal && 'last use is known',
    can.reversibleRevoke && 'revoking can be undone',
    `a change works everywhere after ${can.propagationSeconds} s`,
    can.failedSignIns === 'none'
      ? 'dead secrets are never tried'
      : `${can.failedSignIns} failed sign-ins at most`,
  ].filter(Boolean);

const targetWords = (can: ReturnType<Target['can']>) => [
  {
    value: 'read back',
    digest: 'compared by digest',
    fetched: 'consumers fetch from it, which is seen',
    none: 'write-only: nothing can be read back',
  }[can.readBack],
  can.redeploy === 'call' && 'redeploys consumers and watches',
  can.redeploy === 'automatic' && 'consumers notice by themselves',
  can.compareAndSet && 'writes by compare and set',
  can.holdsNext && 'holds NEXT',
];

const levelOf = (can: ReturnType<Target['can']>) =>
  can.redeploy === 'call' ? 'redeployed' : can.readBack === 'none' ? 'accepted' : 'read_back';

/** The usual shape in full, then what each other shape has in addition or lacks. */
function among<Can>(shapes: readonly Shape<Can>[], say: (can: Can) => (string | false)[]): string {
  const told = shapes.map(({ when, can }) => ({ when, words: say(can).filter((word) => word !== false) }));
  const [usual, ...others] = told;
  if (usual === undefined) {
    return 'follows from what is entered';
  }
  const differing = others.flatMap(({ when, words }) => {
    const more = words.filter((word) => !usual.words.includes(word));
    const less = usual.words.filter((word) => !words.includes(word) && more.length === 0);
    const all = [...more, ...less.map((word) => `not ${word}`)];
    return all.length === 0 ? [] : [`${when}: ${all.join(', ')}`];
  });
  const first = usual.when === '' ? usual.words.join(', ') : `${usual.when}: ${usual.words.join(', ')}`;
  return [first, ...differing].join('<br>');
}

const byTitle = <C extends { title: string }>(connectors: ReadonlyMap<string, C>) =>
  [...connectors.values()].sort((a, b) => a.title.localeCompare(b.title, 'en'));

const row = (...cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const head = ({ kind, title, docs }: Issuer | Target | Notifier) =>
  `${/^https?:/.test(docs) ? `[${title}](${docs})` : title}<br>\`${kind}\``;

const provenIn = ({ proven }: Issuer | Target | Notifier) =>
  `${proven.against === 'real server' ? 'Against' : 'Against a fake written from the documentation:'} ${proven.what}, ${proven.on}`;

function issuerRow(connector: Issuer): string {
  const shapes = shapesOf(connector);
  const hasApi = connector.issue !== undefined;
  return row(
    head(connector),
    among(shapes, issuerWords),
    among(shapes, (can) => [strategyIn(can, hasApi)]),
    connector.needs,
    provenIn(connector),
  );
}

function targetRow(connector: Target): string {
  const shapes = shapesOf(connector);
  return row(
    head(connector),
    among(shapes, targetWords),
    among(shapes, (can) => [levelOf(can)]),
    connector.needs,
    provenIn(connector),
  );
}

/** The whole page. */
export function connectorsPage(): string {
  return `# Connectors

Written by \`npm run docs:connectors\` from the connectors themselves; do not edit it by hand. What a strategy does is told in
[architecture](architecture.md), how a connector is made in [writing a connector](writing-a-connector.md). "Against a fake" means:
tested on loopback against an imitation that follows the vendor's documentation, and not against the vendor.

## Issuers

| Issuer | Can | Strategy | The stored sign-in needs | Proven |
|---|---|---|---|---|
${byTitle(issuerConnectors).map(issuerRow).join('\n')}

## Targets

The confirmation level is the highest that the target proves without its consumers' help; a consumer's own report is \`adopted\`.

| Target | Can | Level | The stored sign-in needs | Proven |
|---|---|---|---|---|
${byTitle(targetConnectors).map(targetRow).join('\n')}

## Notifiers

| Notifier | Needs | Proven |
|---|---|---|
${byTitle(notifierConnectors)
  .map((one) => row(head(one), one.needs, provenIn(one)))
  .join('\n')}
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  fs.writeFileSync('docs/connectors.md', connectorsPage());
}
