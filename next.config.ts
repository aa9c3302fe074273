import type { NextConfig } from 'next';

export default {
  turbopack: { root: import.meta.dirname },
  serverExternalPackages: ['bullmq', 'ioredis', '@node-rs/argon2', 'pino', 'pg', 'undici'],
  poweredByHeader: false,
  reactStrictMode: true,
  // In development Next prints the arguments of server actions, and those can hold secrets.
  logging: { serverFunctions: false },
} satisfies NextConfig;
