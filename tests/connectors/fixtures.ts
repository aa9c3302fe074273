import { assistedWorld } from './worlds/assisted.ts';
import { auth0World } from './worlds/auth0.ts';
import { authentikWorld } from './worlds/authentik.ts';
import { awsIamWorld } from './worlds/aws-iam.ts';
import { awsSecretsManagerWorld } from './worlds/aws-secrets-manager.ts';
import { awsSsmWorld } from './worlds/aws-ssm.ts';
import { azureKeyVaultWorld } from './worlds/azure-key-vault.ts';
import { builtinWorld } from './worlds/builtin.ts';
import { cloudflareWorkersWorld } from './worlds/cloudflare-workers.ts';
import { cognitoWorld } from './worlds/cognito.ts';
import { dotenvWorld } from './worlds/dotenv.ts';
import { entraWorld } from './worlds/entra.ts';
import { flyWorld } from './worlds/fly.ts';
import { gcpSecretManagerWorld } from './worlds/gcp-secret-manager.ts';
import {
  githubEnvironmentWorld,
  githubOrganizationWorld,
  githubRepositoryWorld,
} from './worlds/github-actions.ts';
import { gitlabGroupWorld, gitlabProjectWorld } from './worlds/gitlab-ci.ts';
import { googleOauthClientWorld } from './worlds/google-oauth-client.ts';
import { herokuWorld } from './worlds/heroku.ts';
import { httpChosenWorld, httpWorld } from './worlds/http.ts';
import { httpAllTargetWorld, httpTargetWorld } from './worlds/http-target.ts';
import { hydraKeepingWorld, hydraWorld } from './worlds/hydra.ts';
import { keycloakPolicyWorld, keycloakWorld } from './worlds/keycloak.ts';
import { kubernetesWorld } from './worlds/kubernetes.ts';
import { ldapWorld } from './worlds/ldap.ts';
import { mariadbWorld, mysqlWorld } from './worlds/mysql.ts';
import { netlifySecretWorld, netlifyWorld } from './worlds/netlify.ts';
import { oktaWorld } from './worlds/okta.ts';
import { pingoneWorld } from './worlds/pingone.ts';
import { postgresqlPairWorld, postgresqlSingleWorld } from './worlds/postgresql.ts';
import { pullWorld } from './worlds/pull.ts';
import { railwaySealedWorld, railwayWorld } from './worlds/railway.ts';
import { randomWorld } from './worlds/random.ts';
import { redisAclWorld } from './worlds/redis-acl.ts';
import { renderGroupWorld, renderWorld } from './worlds/render.ts';
import { rfc7592World } from './worlds/rfc7592.ts';
import { surfacescoutWorld } from './worlds/surfacescout.ts';
import { vaultKvWorld } from './worlds/vault-kv.ts';
import { vercelSensitiveWorld, vercelWorld } from './worlds/vercel.ts';
import { webhookWorld } from './worlds/webhook.ts';
import type { IssuerWorld, TargetWorld } from './worlds/world.ts';
import { zitadelWorld } from './worlds/zitadel.ts';

/** At least one per registered issuer connector: its kind, or `kind: what is special here`. The suite fails without it. */
export const issuerFixtures: Readonly<Record<string, () => Promise<IssuerWorld>>> = {
  surfacescout: surfacescoutWorld,
  assisted: assistedWorld,
  auth0: auth0World,
  okta: () => oktaWorld(),
  'okta: a token of a custom authorization server': () =>
    oktaWorld({ authorizationServer: 'default', scope: 'orders' }),
  entra: () => entraWorld(),
  'entra: personal accounts': () => entraWorld(true),
  pingone: pingoneWorld,
  'aws-iam': awsIamWorld,
  cognito: cognitoWorld,
  random: randomWorld,
  ldap: ldapWorld,
  http: httpWorld,
  'http: single chosen': httpChosenWorld,
  'google-oauth-client': googleOauthClientWorld,
  'postgresql: single role': postgresqlSingleWorld,
  'postgresql: pair of roles': postgresqlPairWorld,
  'redis-acl': redisAclWorld,
  'mysql: two passwords of MySQL': mysqlWorld,
  'mysql: one password of MariaDB': mariadbWorld,
  keycloak: keycloakWorld,
  'keycloak: rotation policy': keycloakPolicyWorld,
  rfc7592: rfc7592World,
  hydra: hydraWorld,
  'hydra: keeps old secrets': hydraKeepingWorld,
  authentik: authentikWorld,
  zitadel: zitadelWorld,
  builtin: builtinWorld,
};

/** At least one per registered target connector, named alike. */
export const targetFixtures: Readonly<Record<string, () => Promise<TargetWorld>>> = {
  dotenv: dotenvWorld,
  webhook: webhookWorld,
  'aws-secrets-manager': awsSecretsManagerWorld,
  'aws-ssm': awsSsmWorld,
  http: httpTargetWorld,
  'http: all entries at once, write only': httpAllTargetWorld,
  'azure-key-vault': azureKeyVaultWorld,
  'gcp-secret-manager': gcpSecretManagerWorld,
  'vault-kv': vaultKvWorld,
  'kubernetes: with a workload': kubernetesWorld,
  'kubernetes: the Secret alone': () => kubernetesWorld({}),
  'github-actions': githubRepositoryWorld,
  'github-actions: environment': githubEnvironmentWorld,
  'github-actions: organization': githubOrganizationWorld,
  'gitlab-ci': gitlabProjectWorld,
  'gitlab-ci: group': gitlabGroupWorld,
  vercel: vercelWorld,
  'vercel: sensitive': vercelSensitiveWorld,
  netlify: netlifyWorld,
  'netlify: secret': netlifySecretWorld,
  heroku: herokuWorld,
  'cloudflare-workers': cloudflareWorkersWorld,
  fly: flyWorld,
  render: renderWorld,
  'render: group': renderGroupWorld,
  railway: railwayWorld,
  'railway: sealed': railwaySealedWorld,
  pull: pullWorld,
};
