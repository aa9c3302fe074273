import { parse } from 'yaml';
import { z } from 'zod';

const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  deploy: z.object({ replicas: z.number() }).optional(),
  volumes: z.array(z.string()).default([]),
  secrets: z.array(z.string()).default([]),
});

const compose = z.object({
  services: z.record(z.string(), service),
  secrets: z.record(z.string(), z.object({ file: z.string() })).default({}),
});

export type Service = z.output<typeof service>;
export type Services = Record<string, Service>;

export function parseCompose(text: string): Services {
  return compose.parse(parse(text, { merge: true })).services;
}

/** The file of this machine that each secret is, by the secret's name. */
export function secretFilesOf(text: string): Record<string, string> {
  const { secrets } = compose.parse(parse(text, { merge: true }));
  return Object.fromEntries(Object.entries(secrets).map(([name, { file }]) => [name, file]));
}

/** One `${NAME…}` of a compose file, with what stands after the name. */
export interface Reference {
  readonly name: string;
  readonly kind: 'required' | 'default' | 'instead' | 'plain';
  readonly text: string;
}

const reference = /\$\{(\w+)(?:(:\?|:-|:\+)([^}]*))?\}/g;

const kinds: Readonly<Record<string, Reference['kind']>> = {
  ':?': 'required',
  ':-': 'default',
  ':+': 'instead',
};

export function referencesIn(text: string): Reference[] {
  return [...text.matchAll(reference)].map(([, name = '', sign, rest = '']) => ({
    name,
    kind: kinds[sign ?? ''] ?? 'plain',
    text: rest,
  }));
}

/** Fills a value in as Compose does: `:?` refuses a missing or empty variable, `:-` has a default, `:+` another value for one that is set. */
export function interpolate(value: string, variables: Readonly<Record<string, string>>): string {
  return value.replaceAll(reference, (_all, name: string, sign?: string, rest = '') => {
    const set = variables[name] ?? '';
    if (set === '' && sign === ':?') {
      throw new Error(`${name} ${rest}`);
    }
    if (sign === ':+') {
      return set === '' ? '' : rest;
    }
    return set === '' ? rest : set;
  });
}

export function environmentFor(
  { environment }: Service,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, interpolate(value, variables)]),
  );
}

/** The lines of a .env file. */
export function parseEnvFile(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.includes('='));
  return Object.fromEntries(lines.map((line) => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')]));
}
