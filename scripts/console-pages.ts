/** A page of the console as somebody sees it: its name, and its address. */
export interface ConsolePage {
  name: string;
  path: string;
}

/** Answers the id that a query finds first. */
export type FindId = (sql: string) => Promise<string | undefined>;

/** Every page of the console that there is something to see on, each once or in its ways; of the sample world where it shows one thing. */
export async function consolePages(find: FindId): Promise<ConsolePage[]> {
  const credential = await find(`select id from credentials where name = 'fleet-api'`);
  const binding = await find(
    `select id from bindings where credential_id = '${credential}' and archived_at is null`,
  );
  const rotation = await find('select id from rotations order by created_at desc');
  const policy = await find('select id from policies');
  const issuer = await find(`select id from issuers where kind = 'surfacescout'`);
  const target = await find(`select id from targets where kind = 'webhook'`);
  const event = await find(`select id from audit_events where action = 'secret.issued'`);
  return [
    { name: 'the overview', path: '/overview' },
    { name: 'credentials', path: '/credentials' },
    { name: 'rotations', path: '/rotations' },
    { name: 'batches', path: '/batches' },
    { name: 'a credential', path: `/credentials/${credential}` },
    { name: 'a rotation', path: `/rotations/${rotation}` },
    { name: 'audit', path: '/audit' },
    { name: 'an audit event', path: `/audit/events/${event}` },
    { name: 'issuers', path: '/issuers' },
    { name: 'kinds of issuers', path: '/issuers/new' },
    { name: 'a new issuer', path: '/issuers/new?kind=surfacescout' },
    { name: 'settings of an issuer', path: `/issuers/${issuer}` },
    { name: 'targets', path: '/targets' },
    { name: 'a new target', path: '/targets/new' },
    { name: 'settings of a target', path: `/targets/${target}` },
    { name: 'looking up a value', path: '/look-up' },
    { name: 'approvals', path: '/approvals' },
    { name: 'notifiers', path: '/notifiers' },
    { name: 'a new notifier', path: '/notifiers/new?kind=email' },
    { name: 'developer tools', path: '/developer-tools' },
    { name: 'a new API client', path: '/developer-tools/new' },
    { name: 'the API reference', path: '/developer-tools/reference' },
    { name: 'webhook endpoints', path: '/developer-tools/webhooks' },
    { name: 'a new webhook endpoint', path: '/developer-tools/webhooks/new' },
    { name: 'policies', path: '/policies' },
    { name: 'a new policy', path: '/policies/new' },
    { name: 'a policy', path: `/policies/${policy}` },
    { name: 'the calendar', path: '/calendar' },
    { name: 'the calendar, a list', path: '/calendar?view=list' },
    { name: 'an import', path: '/credentials/new' },
    { name: 'a new binding', path: `/credentials/${credential}/bindings/new` },
    { name: 'a binding', path: `/credentials/${credential}/bindings/${binding}` },
    { name: 'a schedule', path: `/credentials/${credential}/schedule` },
    { name: 'users', path: '/settings/users' },
    { name: 'after a restore', path: '/settings/after-restore' },
    { name: 'sessions', path: '/settings/sessions' },
    { name: 'your account', path: '/settings/account' },
    { name: 'single sign-on', path: '/settings/single-sign-on' },
    { name: 'about', path: '/settings/about' },
    { name: 'not found', path: '/credentials/00000000-0000-4000-8000-000000000000' },
  ];
}
