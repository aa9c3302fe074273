import { z } from 'zod';
import { fill } from '#app/_components/fill.tsx';
import type { Operation } from '#app/_doors/api/openapi.ts';
import { operationView as words } from '#app/_words/api-reference.ts';
import { HereLink } from '#app/(console)/developer-tools/reference/here-link.tsx';
import { nameOf } from '#app/(console)/developer-tools/reference/schema-words.ts';

const parameter = z.looseObject({
  name: z.string(),
  in: z.string(),
  description: z.string().optional(),
});

const withContent = z.looseObject({
  content: z.record(z.string(), z.looseObject({ schema: z.looseObject({ $ref: z.string() }) })).optional(),
});

/** The schema that a body or an answer refers to, and its media type. */
function contentOf(part: unknown) {
  const [found] = Object.entries(withContent.parse(part ?? {}).content ?? {});
  return found === undefined ? null : { type: found[0], name: nameOf(found[1].schema.$ref) };
}

function SchemaLink({ type, name }: { type: string; name: string }) {
  const schema = <HereLink to={`schema-${name}`}>{name}</HereLink>;
  return type === 'application/json' ? schema : fill(words.asMediaType, { schema, mediaType: type });
}

function Content({ label, part }: { label: string; part: unknown }) {
  const content = contentOf(part);
  return (
    <div className="flex flex-wrap gap-x-2">
      <dt className="text-quiet">{label}</dt>
      <dd>{content === null ? words.noBody : <SchemaLink {...content} />}</dd>
    </div>
  );
}

function Parameter({ one }: { one: unknown }) {
  const { name, in: place, description } = parameter.parse(one);
  return (
    <div className="flex flex-wrap gap-x-2">
      <dt className="text-quiet">{place}</dt>
      <dd>
        <code>{name}</code>
        {description === undefined ? '' : `: ${description}`}
      </dd>
    </div>
  );
}

/** One operation: what it does, what it takes and what it answers. */
export function OperationView({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}) {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  return (
    <li id={operationId} className="scroll-mt-4 border-line border-t px-4 py-4 sm:px-5">
      <h3 className="break-words">
        <code className="text-sm">
          <span className="font-semibold">{method.toUpperCase()}</span> {path}
        </code>
      </h3>
      <p className="mt-1">{summary}</p>
      <p className="mt-1 text-sm text-quiet">{description}</p>
      <dl className="mt-2 grid gap-1 text-sm">
        {parameters.map((one) => (
          <Parameter key={`${one.in} ${one.name}`} one={one} />
        ))}
        {requestBody !== undefined && <Content label={words.body} part={requestBody} />}
        {Object.entries(responses)
          .filter(([status]) => status.startsWith('2'))
          .map(([status, part]) => (
            <Content key={status} label={status} part={part} />
          ))}
      </dl>
    </li>
  );
}
