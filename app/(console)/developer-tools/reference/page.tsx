import type { Metadata } from 'next';
import { fill } from '#app/_components/fill.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { drawDocument } from '#app/_doors/api/openapi.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { apiReference as words } from '#app/_words/api-reference.ts';
import { developerTools } from '#app/_words/developer-tools.ts';
import { HereLink } from '#app/(console)/developer-tools/reference/here-link.tsx';
import { OperationView } from '#app/(console)/developer-tools/reference/operation-view.tsx';
import { SchemaView } from '#app/(console)/developer-tools/reference/schema-view.tsx';
import { env } from '#lib/env.ts';

export const metadata: Metadata = { title: words.title };

const anchor = (tag: string) => tag.replaceAll(' ', '-');

/** Every operation and schema of the API, drawn from the same document that clients are made from. */
export default async function ReferencePage() {
  await currentActor();
  const { origin } = env().REKEY_URL;
  const address = `${origin}/api/v1`;
  const { tags, paths, components } = drawDocument(routes, origin);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return (
    <>
      <PageHeader
        above={<TextLink href="/developer-tools">{developerTools.title}</TextLink>}
        title={words.title}
        about={fill(words.about, {
          address: <code className="break-words">{address}</code>,
          openApi: (
            <a href="/api/v1/openapi.json" className="text-accent underline underline-offset-4">
              {words.openApi}
            </a>
          ),
        })}
      />
      <nav aria-label={words.onThisPage} className="mb-6 flex flex-wrap gap-x-4 gap-y-1">
        {[...tags.map(({ name }) => name), words.schemas].map((name) => (
          <HereLink key={name} to={anchor(name)}>
            {name}
          </HereLink>
        ))}
      </nav>
      <div className="grid gap-6">
        {tags.map(({ name }) => (
          <div key={name} id={anchor(name)} className="min-w-0 scroll-mt-4">
            <Panel title={name} flush>
              <ul>
                {operations
                  .filter(({ operation }) => operation.tags.includes(name))
                  .map((one) => (
                    <OperationView key={one.operation.operationId} {...one} />
                  ))}
              </ul>
            </Panel>
          </div>
        ))}
        <div id={anchor(words.schemas)} className="min-w-0 scroll-mt-4">
          <Panel title={words.schemas} flush>
            <ul>
              {Object.entries(components.schemas).map(([name, schema]) => (
                <SchemaView key={name} name={name} schema={schema} />
              ))}
            </ul>
          </Panel>
        </div>
      </div>
    </>
  );
}
