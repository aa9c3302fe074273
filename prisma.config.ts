import { defineConfig } from 'prisma/config';

// Only `prisma generate` reads this file. Migrations are applied by scripts/migrate.ts.
export default defineConfig({ schema: 'prisma/schema.prisma' });
