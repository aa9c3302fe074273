import type { IssuerConnector, NotifierConnector, TargetConnector } from '#connectors/contract.ts';
import { assisted } from '#connectors/issuers/assisted.ts';
import { auth0 } from '#connectors/issuers/auth0.ts';
import { authentik } from '#connectors/issuers/authentik.ts';
import { awsIam } from '#connectors/issuers/aws-iam.ts';
import { builtin } from '#connectors/issuers/builtin.ts';
import { cognito } from '#connectors/issuers/cognito.ts';
import { entra } from '#connectors/issuers/entra.ts';
import { googleOauthClient } from '#connectors/issuers/google-oauth-client.ts';
import { http } from '#connectors/issuers/http.ts';
import { hydra } from '#connectors/issuers/hydra.ts';
import { keycloak } from '#connectors/issuers/keycloak.ts';
import { ldap } from '#connectors/issuers/ldap.ts';
import { mysql } from '#connectors/issuers/mysql.ts';
import { okta } from '#connectors/issuers/okta.ts';
import { pingone } from '#connectors/issuers/pingone.ts';
import { postgresql } from '#connectors/issuers/postgresql.ts';
import { random } from '#connectors/issuers/random.ts';
import { redisAcl } from '#connectors/issuers/redis-acl.ts';
import { rfc7592 } from '#connectors/issuers/rfc7592.ts';
import { surfacescout } from '#connectors/issuers/surfacescout.ts';
import { zitadel } from '#connectors/issuers/zitadel.ts';
import { chat } from '#connectors/notifiers/chat.ts';
import { email } from '#connectors/notifiers/email.ts';
import { webhook as webhookNotifier } from '#connectors/notifiers/webhook.ts';
import { awsSecretsManager } from '#connectors/targets/aws-secrets-manager.ts';
import { awsSsm } from '#connectors/targets/aws-ssm.ts';
import { azureKeyVault } from '#connectors/targets/azure-key-vault.ts';
import { cloudflareWorkers } from '#connectors/targets/cloudflare-workers.ts';
import { dotenv } from '#connectors/targets/dotenv.ts';
import { fly } from '#connectors/targets/fly.ts';
import { gcpSecretManager } from '#connectors/targets/gcp-secret-manager.ts';
import { githubActions } from '#connectors/targets/github-actions.ts';
import { gitlabCi } from '#connectors/targets/gitlab-ci.ts';
import { heroku } from '#connectors/targets/heroku.ts';
import { httpTarget } from '#connectors/targets/http.ts';
import { kubernetes } from '#connectors/targets/kubernetes.ts';
import { netlify } from '#connectors/targets/netlify.ts';
import { pull } from '#connectors/targets/pull.ts';
import { railway } from '#connectors/targets/railway.ts';
import { render } from '#connectors/targets/render.ts';
import { vaultKv } from '#connectors/targets/vault-kv.ts';
import { vercel } from '#connectors/targets/vercel.ts';
import { webhook } from '#connectors/targets/webhook.ts';

/** Every kind of notifier. A new one is its file and a line here. */
export const notifierConnectors: ReadonlyMap<string, NotifierConnector> = byKind<NotifierConnector>([
  email,
  chat,
  webhookNotifier,
]);

/** Every kind of issuer. A new one is its file and a line here. */
export const issuerConnectors: ReadonlyMap<string, IssuerConnector> = byKind<IssuerConnector>([
  surfacescout,
  assisted,
  auth0,
  okta,
  entra,
  pingone,
  awsIam,
  cognito,
  random,
  ldap,
  http,
  googleOauthClient,
  postgresql,
  redisAcl,
  mysql,
  keycloak,
  rfc7592,
  hydra,
  authentik,
  zitadel,
  builtin,
]);

/** Every kind of target. A new one is its file and a line here. */
export const targetConnectors: ReadonlyMap<string, TargetConnector> = byKind<TargetConnector>([
  dotenv,
  webhook,
  awsSecretsManager,
  awsSsm,
  httpTarget,
  vaultKv,
  kubernetes,
  gcpSecretManager,
  azureKeyVault,
  githubActions,
  gitlabCi,
  vercel,
  netlify,
  heroku,
  cloudflareWorkers,
  fly,
  render,
  railway,
  pull,
]);

/** The connector of an issuer's kind. Throws where this version of Rekey has none. */
export function issuerConnector(kind: string): IssuerConnector {
  return found(issuerConnectors, 'issuer', kind);
}

/** The connector of a target's kind. Throws where this version of Rekey has none. */
export function targetConnector(kind: string): TargetConnector {
  return found(targetConnectors, 'target', kind);
}

/** The connector of a notifier's kind. Throws where this version of Rekey has none. */
export function notifierConnector(kind: string): NotifierConnector {
  return found(notifierConnectors, 'notifier', kind);
}

/** Maps connectors by kind. Throws where two have the same kind, or one has a kind that is no plain word. */
export function byKind<C extends { readonly kind: string }>(
  connectors: readonly C[],
): ReadonlyMap<string, C> {
  const map = new Map<string, C>();
  for (const connector of connectors) {
    const { kind } = connector;
    if (!/^[a-z][a-z0-9-]{0,39}$/.test(kind)) throw new Error(`"${kind}" cannot be a connector's kind.`);
    if (map.has(kind)) throw new Error(`Two connectors have the kind "${kind}".`);
    map.set(kind, connector);
  }
  return map;
}

function found<C>(connectors: ReadonlyMap<string, C>, role: string, kind: string): C {
  const connector = connectors.get(kind);
  if (connector !== undefined) return connector;
  const known = [...connectors.keys()].join(', ');
  throw new Error(`This version of Rekey knows no ${role} of the kind "${kind}". It knows ${known}.`);
}
