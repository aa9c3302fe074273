import type { Metadata } from 'next';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { singleSignOn } from '#app/_doors/single-sign-on.ts';
import { listUsers } from '#core/users/list-users.ts';

export const metadata: Metadata = { title: 'Single sign-on' };

function Facts({ config }: { config: NonNullable<ReturnType<typeof singleSignOn>> }) {
  const mapping = config.mapping.map(([group, role]) => `${group === '*' ? 'everybody' : group} → ${role}`);
  const facts = [
    ['Issuer', config.issuer],
    ['Client', config.clientId],
    ['Redirect address', config.redirect],
    ['Groups come from the claim', config.claim],
    ['Roles, the first that fits', mapping.length === 0 ? 'none, so nobody gets in' : mapping.join(', ')],
  ];
  return (
    <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[14rem_1fr]">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-quiet">{name}</dt>
          <dd className="mb-2 min-w-0 break-words sm:mb-0">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export default async function SingleSignOnPage() {
  const { role } = await currentActor();
  const config = singleSignOn();
  const may = listUsers.may.includes(role);
  return (
    <>
      <PageHeader
        title="Single sign-on"
        about="People come with an account of your identity provider. Their groups there decide about their role at each sign-in."
      />
      {!may && <RoleNotice may={listUsers.may} role={role} act="see how people sign in" />}
      {may && (
        <Panel title={config === null ? 'Off' : 'On'}>
          {config === null ? (
            <p>
              Set <code>REKEY_OIDC_ISSUER</code>, <code>REKEY_OIDC_CLIENT_ID</code> and{' '}
              <code>REKEY_OIDC_CLIENT_SECRET</code> where the web process is started, as docs/configuration.md
              describes.
            </p>
          ) : (
            <Facts config={config} />
          )}
        </Panel>
      )}
    </>
  );
}
