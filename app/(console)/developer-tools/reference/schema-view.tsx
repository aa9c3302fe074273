import { TableBox, Td, Th } from '#app/_components/table.tsx';
import { schemaView as words } from '#app/_words/api-reference.ts';
import { HereLink } from '#app/(console)/developer-tools/reference/here-link.tsx';
import { type Line, linesOf } from '#app/(console)/developer-tools/reference/schema-words.ts';

function LineView({ line: { name, type, ref, required, description } }: { line: Line }) {
  return (
    <tr className="border-line border-t">
      <Td>
        <code className="text-sm break-all">{name}</code>
        {required && <span className="block text-sm text-quiet">{words.required}</span>}
      </Td>
      <Td className="text-sm">{ref === null ? type : <HereLink to={`schema-${ref}`}>{type}</HereLink>}</Td>
      <Td className="min-w-48 text-sm text-quiet">{description}</Td>
    </tr>
  );
}

/** One schema as a table of its fields, folded away until it is asked for. A link to its id unfolds it. */
export function SchemaView({ name, schema }: { name: string; schema: unknown }) {
  return (
    <li className="border-line border-t px-4 py-1 sm:px-5">
      <details>
        <summary className="min-h-9 cursor-pointer py-1.5">
          <h3 className="inline font-medium break-words">{name}</h3>
        </summary>
        <div id={`schema-${name}`} className="scroll-mt-16 pb-3">
          <TableBox label={words.fieldsOf(name)}>
            <table className="w-full">
              <thead>
                <tr>
                  <Th>{words.field}</Th>
                  <Th>{words.type}</Th>
                  <Th>{words.about}</Th>
                </tr>
              </thead>
              <tbody>
                {linesOf(schema).map((line) => (
                  <LineView key={`${line.name} ${line.type}`} line={line} />
                ))}
              </tbody>
            </table>
          </TableBox>
        </div>
      </details>
    </li>
  );
}
