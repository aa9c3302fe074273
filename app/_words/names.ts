/** A field's name as words: `clientSecret` becomes `Client secret`, `versionId` `Version ID`. */
export function nameWords(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .toLowerCase()
    .replaceAll(/\bid\b/g, 'ID');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A field's name as a key of an env file would be written: `clientSecret` becomes `CLIENT_SECRET`. */
export const keyExample = (name: string) => nameWords(name).toUpperCase().replaceAll(' ', '_');
