import { expect, test } from 'vitest';
import { policyBody } from '#app/_doors/api/policy-shape.ts';
import { planChanges } from '#cli/apply/plan.ts';
import type { Server } from '#cli/apply/server.ts';
import { readSource } from '#cli/apply/source.ts';
import { linesBetween, openNames, withUsual } from '#cli/apply/values.ts';
import { wish } from '#cli/apply/wish.ts';
import { issuerConnectors, targetConnectors } from '#connectors/registry.ts';
import { drawForm, untouched } from '#core/outside/draw-form.ts';

const field = { type: 'text', required: false, default: null };
const configForm = [
  { ...field, name: 'baseUrl', required: true },
  { ...field, name: 'token', type: 'secret', required: true },
  { ...field, name: 'region', default: 'eu' },
];
const placeForm = [{ ...field, name: 'clientId', required: true }];

const bare: Server = {
  issuerKinds: new Map(
    [
      {
        kind: 'api',
        title: 'An API',
        configForm,
        placeForm,
        secretField: 'clientSecret',
        canMakeFirst: false,
      },
      {
        kind: 'alone',
        title: 'Alone',
        configForm: [],
        placeForm: [],
        secretField: 'secret',
        canMakeFirst: true,
      },
    ].map((one) => [one.kind, one]),
  ),
  targetKinds: new Map(),
  issuers: new Map(),
  targets: new Map(),
  policies: new Map(),
  credentials: new Map(),
  notifiers: new Map(),
};

const plan = (text: string, server: Partial<Server> = {}) =>
  planChanges(readSource('rekey.yml', text), { ...bare, ...server }, { renews: false });

test.each([
  ['a broken list', 'issuers: [canary', 'rekey.yml:1:17: This is not YAML: '],
  [
    'a rhythm that is none',
    'policies:\n  P:\n    rhythm: { interval: P1M }\n    gracePeriod: P1D',
    'rekey.yml:3:15: policies.P.rhythm.interval: Years and months are of no fixed length.',
  ],
  [
    'a name that is there twice',
    'issuers:\n  A: { kind: api }\n  A: { kind: canary }',
    'rekey.yml:3:3: This is not YAML: duplicate key.',
  ],
  [
    'a tag that is unknown',
    'issuers:\n  A: !canary x',
    'rekey.yml:2:6: This is not YAML: tag resolve failed.',
  ],
  [
    'a field that is unknown',
    'issuers:\n  A:\n    kind: api\n    colour: canary',
    'rekey.yml:4:5: issuers.A.colour is not known here.',
  ],
  [
    'a duration that is none',
    'policies:\n  P:\n    rhythm: { interval: P7D }\n    gracePeriod: P1M',
    'rekey.yml:4:5: policies.P.gracePeriod: Years and months are of no fixed length.',
  ],
  [
    'a number for a text',
    'credentials:\n  C:\n    issuer: A\n    environment: 7',
    'rekey.yml:4:5: credentials.C.environment: ',
  ],
  [
    'a first run at once',
    'credentials:\n  C:\n    issuer: A\n    environment: e\n    firstRun: now',
    'rekey.yml:5:5: credentials.C.firstRun: It is next_slot, or a time such as 2027-01-04T03:00:00Z. Nothing rotates because of apply',
  ],
  ['a kind that is unknown', 'issuers:\n  A:\n    kind: canary', 'rekey.yml:3:5: issuers.A.kind: '],
  [
    'a secret in the file',
    'issuers:\n  A:\n    kind: api\n    config:\n      baseUrl: x\n      token: canary',
    'rekey.yml:6:7: issuers.A.config.token is a secret, and a secret does not stand in this file.',
  ],
  [
    'a reference that is none',
    'issuers:\n  A:\n    kind: api\n    config: { baseUrl: x, token: { env: "canary 1" } }',
    'rekey.yml:4:27: issuers.A.config.token is a secret',
  ],
  [
    'a reference for what is no secret',
    'issuers:\n  A:\n    kind: api\n    config:\n      baseUrl: { env: X }\n      token: { env: X }',
    'rekey.yml:5:7: issuers.A.config.baseUrl is no secret.',
  ],
  [
    'a field that is missing',
    'issuers:\n  A:\n    kind: api\n    config:\n      baseUrl: x',
    'rekey.yml:4:5: issuers.A.config.token is missing.',
  ],
  [
    'a current secret in the file',
    'issuers:\n  A: &a { kind: api, config: { baseUrl: x, token: { env: X } } }\ncredentials:\n  C:\n    issuer: A\n    environment: e\n    place: { clientId: c }\n    fields:\n      clientSecret: canary',
    'rekey.yml:9:7: credentials.C.fields.clientSecret is a secret',
  ],
  [
    'an issuer that is nowhere',
    'credentials:\n  C:\n    issuer: Nobody\n    environment: e',
    'rekey.yml:3:5: There is no issuer called Nobody, neither here nor in the file.',
  ],
])('%s is told with its line and column, and no value is repeated', (_what, text, said) => {
  const faulty = () => plan(text);
  expect(faulty).toThrow(said);
  expect(faulty).toThrow(/Nothing was changed\.$/);
  expect(faulty).not.toThrow(/canary/);
});

test('everything that is wrong is told at once', () => {
  const text = 'issuers:\n  A:\n    kind: api\n    config:\n      token: x\n      colour: y\n';
  expect(() => plan(text)).toThrow(
    /5:7: .*token is a secret[\s\S]*6:7: .*colour is not known[\s\S]*4:5: .*baseUrl is missing/,
  );
});

const there = {
  issuers: new Map([['A', { id: 'i1', name: 'A', kind: 'api', config: { baseUrl: 'x', region: 'eu' } }]]),
};
const same = 'issuers:\n  A:\n    kind: api\n    config:\n      baseUrl: x\n      token: { env: X }\n';

const alone = (more: string) =>
  `issuers:\n  A: { kind: alone }\ncredentials:\n  C:\n    issuer: A\n    environment: test\n${more}`;

test('a first value is made where the file says so and no other system knows it', () => {
  const [, change] = plan(alone('    make: true'));
  expect(change).toMatchObject({ what: 'credential', values: [{ secrets: {} }, { secrets: {} }] });
  expect(change?.lines).toContainEqual({ field: 'secret', from: null, to: 'made by Rekey' });
});

test.each([
  [
    '    make: true\n    readBack: true',
    'rekey.yml:7:5: C has its first value made, so fields.secret, readBack',
  ],
  ['    make: true\n    fields: { secret: { env: S } }', 'rekey.yml:7:5: C has its first value made'],
  ['    make: true\n    externalId: x', 'rekey.yml:7:5: C has its first value made'],
  [
    '    owner: Ops',
    'rekey.yml:4:3: C is not there yet, so its current secret is needed: fields.secret, or make.',
  ],
])('%j is told as wrong, because a first value has one origin', (more, sentence) => {
  expect(() => plan(alone(more))).toThrow(sentence);
});

test('no first value is made where another system has the secret', () => {
  const text =
    'issuers:\n  A: { kind: api, config: { baseUrl: u, token: { env: T } } }\ncredentials:\n  C:\n    issuer: A\n    environment: test\n    place: { clientId: c }\n    make: true';
  expect(() => plan(text)).toThrow(
    'rekey.yml:8:5: An API has a secret for C already, so none is made: fields.clientSecret is needed.',
  );
});

test('a binding of a field that a new credential would not have is told before anything is done', () => {
  const bound = '{ target: T, place: {}, fields: { clientId: A, secret: B, versionId: C } }';
  const text = alone(`    fields: { secret: { env: S } }\n    bindings: [${bound}]`);
  expect(() => plan(text)).toThrow(
    'rekey.yml:8:50: credentials.C.bindings.0.fields.clientId: C would have no field clientId. Give it in credentials.C.fields, too.',
  );
  expect(() => plan(text)).not.toThrow(/no field (secret|versionId)/);
  expect(() => plan(text.replace('fields: {', 'fields: { clientId: c,'))).not.toThrow(/would have no field/);
});

test('what is left out has its default, and a secret that is stored is not compared', () => {
  expect(plan(same, there)).toEqual([]);
  expect(plan(`${same}      region: us\n`, there)).toMatchObject([
    {
      action: 'change',
      name: 'A',
      lines: [
        { field: 'config.region', from: 'eu', to: 'us' },
        { field: 'config.token', from: null, to: 'from the variable X' },
      ],
    },
  ]);
});

const schemas = [...issuerConnectors.values(), ...targetConnectors.values()].flatMap(
  ({ kind, config, place }) => [
    { name: `a config of ${kind}`, schema: config },
    { name: `a place of ${kind}`, schema: place },
  ],
);

test.each(schemas)(
  'what a file leaves out of $name, or leaves empty, is as it is stored then',
  ({ schema }) => {
    const form = drawForm(schema);
    const lists = form.filter(({ list }) => list).map(({ name }) => [name, []]);
    for (const plain of [{}, Object.fromEntries(lists)]) {
      expect(
        linesBetween(openNames(form), untouched(schema), withUsual(form, { plain, secrets: {} })),
      ).toEqual([]);
    }
  },
);

test('the order and the repetitions of days, labels and notifiers say nothing', () => {
  const policy = 'rhythm: { interval: P7D }\n    gracePeriod: P1D\n    notifiers: [b, a, b]';
  const window = 'window: { days: [5, 1, 5], from: "22:00", to: "23:00", timeZone: UTC }';
  const text = `policies:\n  P:\n    ${policy}\n    ${window}\n${alone('    labels: [y, x, y]')}`;
  const { policies, credentials } = readSource('rekey.yml', text).wish;
  expect(policies.P).toMatchObject({ window: { days: [1, 5] }, notifiers: ['a', 'b'] });
  expect(credentials.C?.labels).toEqual(['x', 'y']);
});

test('an issuer of another kind is no issuer to be changed', () => {
  const kinds = new Map(
    [...bare.issuerKinds.values()]
      .filter(({ kind }) => kind === 'api')
      .map((one) => ['other', { ...one, kind: 'other' }] as const),
  );
  const text = same.replace('kind: api', 'kind: other');
  const [change] = plan(text, { ...there, issuerKinds: kinds });
  expect(change).toMatchObject({ action: 'differs', lines: [{ field: 'kind', from: 'api', to: 'other' }] });
  expect(change?.send).toBeUndefined();
});

test('a policy is changed on the ground of what was compared', () => {
  const text = 'policies:\n  P:\n    rhythm: { interval: P7D }\n    gracePeriod: P1D\n';
  const [made] = plan(text);
  expect(made?.action).toBe('create');
  const open = () => ({});
  const ids = { issuers: new Map(), targets: new Map(), policies: new Map(), credentials: new Map() };
  const { body = {} } = made?.send?.(ids, open) ?? {};
  const policy = { ...body, id: 'p1', name: 'P', notifierIds: [], blackouts: [], etag: '"one"' };
  const policies = new Map([['P', policy]]);
  expect(plan(text, { policies })).toEqual([]);
  const [change] = plan(text.replace('P1D', 'PT36H'), { policies });
  expect(change?.lines).toEqual([{ field: 'gracePeriod', from: 'P1D', to: 'P1DT12H' }]);
  expect(change?.send?.(ids, open)).toMatchObject({
    method: 'PUT',
    path: '/policies/p1',
    headers: { 'if-match': '"one"' },
  });
});

test('a policy in the file has every field of a policy of the API, so that none is put back to its default unseen', () => {
  const { policies } = wish.parse({
    policies: { one: { rhythm: { interval: 'P1D' }, gracePeriod: 'PT1H' } },
  });
  const inFile = Object.keys(policies.one ?? {}).map((name) => (name === 'notifiers' ? 'notifierIds' : name));
  const inApi = Object.keys(policyBody.shape).filter((name) => name !== 'name');
  expect(inFile.toSorted()).toEqual(inApi.toSorted());
});

test('of a file that is no YAML the first fault is told, and not every line after it', () => {
  expect(() => readSource('rekey.yml', '$ rekey apply\nissuers:\n  A:\n    kind: api\n')).toThrow(
    /^rekey\.yml:\d+:\d+: This is not YAML: [a-z ]+\.\nNothing was changed\.$/,
  );
});
