/* The page of the API's reference. What stands in the API's own document is written beside its routes. */

/** The page. */
export const apiReference = {
  title: 'API reference',
  about: 'Everything under {address}. The same as {openApi}, for programs that make clients from it.',
  openApi: 'OpenAPI 3.1',
  onThisPage: 'On this page',
  schemas: 'schemas',
} as const;

/** One operation. */
export const operationView = {
  body: 'body',
  noBody: 'no body',
  asMediaType: '{schema} as {mediaType}',
} as const;

/** One schema, as a table of its fields. */
export const schemaView = {
  fieldsOf: (schema: string) => `Fields of ${schema}`,
  field: 'Field',
  type: 'Type',
  about: 'About',
  required: 'required',
};

/** The type of a field, and what it is when it is not given. */
export const schemaLine = {
  listOf: (type: string) => `list of ${type}`,
  anything: 'anything',
  usual: (value: string) => `Default: ${value}.`,
};
