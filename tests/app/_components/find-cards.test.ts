import { expect, test } from 'vitest';
import { findCards } from '#app/_components/find-cards.ts';
import { issuerConnectors, targetConnectors } from '#connectors/registry.ts';

interface Kind {
  kind: string;
  title: string;
  aliases?: readonly string[];
}

const cardsOf = (kinds: ReadonlyMap<string, Kind>) =>
  [...kinds.values()].map(({ kind, title, aliases = [] }) => ({
    href: kind,
    title,
    abilities: [],
    aliases: [kind, ...aliases],
  }));

const issuers = cardsOf(issuerConnectors);
const targets = cardsOf(targetConnectors);

test.each([
  ['azure', ['entra'], ['azure-key-vault']],
  ['aws', ['aws-iam', 'cognito'], ['aws-secrets-manager', 'aws-ssm']],
  ['K8s', [], ['kubernetes']],
  ['postgres', ['postgresql'], []],
  ['pg', ['postgresql'], []],
  ['vault', [], ['azure-key-vault', 'vault-kv']],
  ['openbao', [], ['vault-kv']],
  ['github actions', [], ['github-actions']],
  ['gcp', ['google-oauth-client'], ['gcp-secret-manager']],
  ['active directory', ['entra', 'ldap'], []],
  ['dotenv', [], ['dotenv']],
  ['signing key', ['random'], []],
  ['client secret azure', ['entra'], []],
])('whoever types %s finds what is meant', (typed, wantedIssuers, wantedTargets) => {
  const found = [findCards(issuers, typed), findCards(targets, typed)];
  expect(found.map((cards) => cards.map(({ href }) => href).toSorted())).toEqual([
    wantedIssuers,
    wantedTargets,
  ]);
});

test('another name of a kind says something that its title does not', () => {
  const kinds: Kind[] = [...issuerConnectors.values(), ...targetConnectors.values()];
  const needless = kinds.flatMap(({ kind, title, aliases = [] }) =>
    aliases
      .filter((alias, at) => title.toLowerCase().includes(alias.toLowerCase()) || aliases.indexOf(alias) < at)
      .map((alias) => `${kind}: ${alias}`),
  );
  expect(needless).toEqual([]);
});
