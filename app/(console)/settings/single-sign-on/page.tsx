import type { Metadata } from 'next';
import { fill } from '#app/_components/fill.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { singleSignOn } from '#app/_doors/single-sign-on.ts';
import { roleWord } from '#app/_words/roles.ts';
import { singleSignOnPage as words } from '#app/_words/settings.ts';
import { listUsers } from '#core/users/list-users.ts';

export const metadata: Metadata = { title: words.title };

/** What turns it on, as lib/env.ts reads it. */
const variables = {
  issuer: 'REKEY_OIDC_ISSUER',
  clientId: 'REKEY_OIDC_CLIENT_ID',
  clientSecret: 'REKEY_OIDC_CLIENT_SECRET',
};

function Facts({ config }: { config: NonNullable<ReturnType<typeof singleSignOn>> }) {
  const mapping = config.mapping.map(
    ([group, role]) => `${group === '*' ? words.everybody : group} → ${roleWord(role)}`,
  );
  const facts = [
    [words.issuer, config.issuer],
    [words.client, config.clientId],
    [words.redirect, config.redirect],
    [words.claim, config.claim],
    [words.roles, mapping.length === 0 ? words.noRoles : mapping.join(', ')],
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
      <PageHeader title={words.title} about={words.about} />
      {!may && <RoleNotice may={listUsers.may} role={role} act={words.act} />}
      {may && (
        <Panel title={config === null ? words.off : words.on}>
          {config === null ? (
            <p>
              {fill(words.turnOn, {
                issuer: <code>{variables.issuer}</code>,
                clientId: <code>{variables.clientId}</code>,
                clientSecret: <code>{variables.clientSecret}</code>,
              })}
            </p>
          ) : (
            <Facts config={config} />
          )}
        </Panel>
      )}
    </>
  );
}
