import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { type Call, ConnectorError, secretText } from '#connectors/contract.ts';
import { accept, type Expectation, send } from '#connectors/exchange.ts';
import { tlsFields } from '#connectors/tls.ts';
import type { HttpRequest, HttpResponse } from '#lib/http.ts';

export const clusterConfig = z.object({
  server: z.url({ protocol: /^https?$/ }).meta({
    title: 'Address of the API server',
    description: 'As in a kubeconfig, for example https://10.0.0.1:6443.',
  }),
  token: secretText().meta({
    title: 'Token',
    description: 'Of a service account that has a role for the Secrets and workloads named in the places.',
  }),
  ...tlsFields,
});

/** What RBAC grants: a verb on one object. */
export interface Act {
  readonly verb: 'get' | 'patch' | 'create';
  readonly group: '' | 'apps';
  readonly resource: string;
  readonly name: string;
}

type ClusterCall = Call<z.output<typeof clusterConfig>, { readonly namespace: string }>;
type PatchType =
  | 'application/apply-patch+yaml'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json';

const review = z.object({ status: z.object({ allowed: z.boolean() }) });

/** Asks the API server to do something to one object. Statuses outside of `ok` are `ConnectorError`s. */
export async function askFor<S extends z.ZodType>(
  call: ClusterCall,
  act: Act,
  expectation: Expectation & { readonly schema: S },
  patch?: { readonly type: PatchType; readonly query?: string; readonly body: object },
): Promise<{ response: HttpResponse; read: () => z.output<S> }> {
  const base = act.group === '' ? '/api/v1' : `/apis/${act.group}/v1`;
  const { namespace } = call.place;
  const path = `${base}/namespaces/${namespace}/${act.resource}/${act.name}${patch?.query ?? ''}`;
  const request = requestOf(call, patch ? 'PATCH' : 'GET', path, patch?.type, patch?.body);
  const response = await send(call, request, expectation);
  if (response.status === 403) throw lacking(namespace, [act]);
  if (response.status === 409) {
    const sentence = `${named(act)} in the namespace ${namespace} was changed by others at the same moment. Nothing was written; it is tried again later.`;
    throw new ConnectorError(sentence, 'later', { because: 'conflict' });
  }
  if (!expectation.ok.includes(response.status)) accept(request, response, expectation);
  return { response, read: () => accept(request, response, expectation) };
}

/** Throws a sentence that names every act of these that the token may not do. */
export async function mustBeAllowed(call: ClusterCall, acts: readonly Act[]): Promise<void> {
  const allowed = await Promise.all(acts.map((act) => isAllowed(call, act)));
  const missing = acts.filter((_act, index) => !allowed[index]);
  if (missing.length > 0) throw lacking(call.place.namespace, missing);
}

async function isAllowed(call: ClusterCall, { verb, group, resource, name }: Act): Promise<boolean> {
  const { namespace } = call.place;
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  // RBAC cannot name the object that is to be created, so a review must not either.
  const named = verb === 'create' ? {} : { name };
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { namespace, verb, group, resource, ...named } },
  };
  const request = requestOf(call, 'POST', path, 'application/json', body);
  const what = 'Asking what the token may do';
  const expectation = { ok: [200, 201], schema: review, what, repeatable: true };
  return accept(request, await send(call, request, expectation), expectation).status.allowed;
}

function lacking(namespace: string, acts: readonly Act[]): ConnectorError {
  const list = acts.map((act) => `\`${act.verb}\` on ${named(act)}`).join(', ');
  const sentence = `The token lacks ${list} in the namespace ${namespace}. Grant it in a role that is bound to this service account.`;
  return new ConnectorError(sentence, 'never', { because: 'permission' });
}

function named({ verb, resource, name }: Act): string {
  return verb === 'create' ? resource : `${resource}/${name}`;
}

function requestOf(
  call: ClusterCall,
  method: HttpRequest['method'],
  path: string,
  type?: string,
  body?: object,
): HttpRequest {
  return {
    method,
    url: addressOf(call.config.server, path),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${call.config.token.expose()}`,
      ...(type !== undefined && { 'content-type': type }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}
