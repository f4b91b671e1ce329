# One file, four images: `docker build --target ingest .` (or worker, api, forwarder). They hold the same files and
# differ in what they run; the commands of apps/cli are in each.

FROM node:24.21-bookworm-slim AS base
ENV NODE_ENV=production
WORKDIR /app

FROM base AS build
ENV TURBO_TELEMETRY_DISABLED=1 DO_NOT_TRACK=1
# Manifests first: the packages are installed again only when these change.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY scripts scripts
COPY packages/core/package.json packages/core/
COPY packages/gateways/package.json packages/gateways/
COPY packages/schemas/package.json packages/schemas/
COPY packages/redis/package.json packages/redis/
COPY packages/telemetry/package.json packages/telemetry/
COPY packages/outbound/package.json packages/outbound/
COPY packages/simulator/package.json packages/simulator/
COPY apps/ingest/package.json apps/ingest/
COPY apps/worker/package.json apps/worker/
COPY apps/api/package.json apps/api/
COPY apps/forwarder/package.json apps/forwarder/
COPY apps/console/package.json apps/console/
COPY apps/cli/package.json apps/cli/
RUN node scripts/pnpm.mjs install --frozen-lockfile --prod=false
COPY rolldown.config.js tsconfig.base.json turbo.json ./
COPY packages packages
COPY apps apps
RUN node scripts/pnpm.mjs exec turbo run build
# Installed again without what only building needs. Not by `pnpm deploy`, which resolves versions again instead of taking the
# lock file's.
RUN rm -rf node_modules packages/*/node_modules apps/*/node_modules \
 && node scripts/pnpm.mjs install --frozen-lockfile --prod --offline \
 && rm -rf scripts .turbo packages/*/src apps/*/src packages/*/.turbo apps/*/.turbo

FROM base AS runtime
# Other containers scrape the ops ports; do not publish those to the world.
ENV HOST=0.0.0.0 OPS_HOST=0.0.0.0
COPY --from=build /app ./
# The base image brings this user.
USER node
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/main.js"]

FROM runtime AS ingest
WORKDIR /app/apps/ingest
EXPOSE 8080 9101
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.INGEST_OPS_PORT || 9101}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

FROM runtime AS worker
WORKDIR /app/apps/worker
EXPOSE 9102
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WORKER_OPS_PORT || 9102}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

FROM runtime AS api
WORKDIR /app/apps/api
EXPOSE 8081 9103
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.API_OPS_PORT || 9103}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

FROM runtime AS forwarder
WORKDIR /app/apps/forwarder
EXPOSE 9104
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.FORWARDER_OPS_PORT || 9104}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
