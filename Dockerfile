# One image for everything: the command decides what a container is.
#   web      node --import tsx app/main.ts        (the default)
#   worker   node --import tsx workers/main.ts
#   migrate  node --import tsx scripts/migrate.ts deploy
#   CLI      node cli/rekey.mjs user create --email E --role admin

FROM node:22-bookworm-slim AS deps
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its install script here; one of them would download an engine that is never used.
RUN npm ci --ignore-scripts

FROM deps AS build
COPY . .
RUN npm run build && rm -rf .next/cache

FROM node:22-bookworm-slim AS production-deps
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:22-bookworm-slim AS runtime
WORKDIR /app
ENV NODE_ENV=production \
    NEXT_TELEMETRY_DISABLED=1 \
    REKEY_BIND=0.0.0.0 \
    REKEY_DATA_DIR=/data
COPY --from=production-deps /app/node_modules ./node_modules
COPY --from=build /app/package.json /app/next.config.ts /app/tsconfig.json ./
COPY --from=build /app/.next ./.next
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/lib ./lib
COPY --from=build /app/connectors ./connectors
COPY --from=build /app/core ./core
COPY --from=build /app/app ./app
COPY --from=build /app/workers ./workers
COPY --from=build /app/cli ./cli
COPY --from=build /app/.bundle ./.bundle
COPY --from=build /app/scripts ./scripts
# The files stay root's: no process of the image can change its own code. The data folder holds the local witness of the audit log.
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 3000
CMD ["node", "--import", "tsx", "app/main.ts"]
