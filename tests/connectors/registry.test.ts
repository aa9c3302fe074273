import { expect, test } from 'vitest';
import {
  byKind,
  issuerConnector,
  issuerConnectors,
  notifierConnectors,
  targetConnector,
  targetConnectors,
} from '#connectors/registry.ts';

test('a registered kind is found', () => {
  expect(issuerConnector('surfacescout').title).toBe('SurfaceScout (sample)');
  expect(targetConnector('dotenv').kind).toBe('dotenv');
});

test('an unknown kind is named together with the known ones', () => {
  expect(() => issuerConnector('keycloack')).toThrow(
    `This version of Rekey knows no issuer of the kind "keycloack". It knows ${[...issuerConnectors.keys()].join(', ')}.`,
  );
  expect(() => targetConnector('surfacescout')).toThrow(/knows no target of the kind "surfacescout"/);
  expect(() => issuerConnector('constructor')).toThrow(/knows no issuer/);
});

test('two connectors of one kind, or a kind that is no plain word, stop the start', () => {
  expect(() => byKind([{ kind: 'a' }, { kind: 'b' }, { kind: 'a' }])).toThrow(
    'Two connectors have the kind "a".',
  );
  for (const kind of ['', 'A', 'a b', '1a', 'a/b'])
    expect(() => byKind([{ kind }])).toThrow(/cannot be a connector's kind/);
});

/** The other side is the vendor's own service, whose certificate is public, or no other side at all. */
const noPrivateAuthority = [
  ...['auth0', 'okta', 'entra', 'pingone', 'google-oauth-client'],
  ...['aws-iam', 'cognito', 'aws-secrets-manager', 'aws-ssm', 'azure-key-vault', 'gcp-secret-manager'],
  ...['vercel', 'netlify', 'heroku', 'cloudflare-workers', 'fly', 'render', 'railway', 'chat'],
  ...['random', 'builtin', 'dotenv', 'pull', 'surfacescout'],
];

test.each(
  [...issuerConnectors.values(), ...targetConnectors.values(), ...notifierConnectors.values()].filter(
    ({ kind }) => !noPrivateAuthority.includes(kind),
  ),
)(
  '$title is what people run themselves: it may have a private authority and want a client certificate',
  ({ config }) => {
    expect(Object.keys(config.shape)).toEqual(
      expect.arrayContaining(['ca', 'clientCertificate', 'clientKey']),
    );
  },
);

test('a kind whose values no other system knows takes chosen ones, says of what, and never tries a dead one', () => {
  const alone = [...issuerConnectors.values()].filter(({ standsAlone }) => standsAlone === true);
  expect(alone.map(({ kind }) => kind)).toEqual(['random']);
  for (const connector of alone) {
    expect(connector.chosen).toBeDefined();
    expect(connector.can({}, {})).toMatchObject({ chosenValue: true, failedSignIns: 'none' });
  }
});
