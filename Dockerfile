# Builds with the development tools, runs without them: Node, dist/, the platform files and production packages.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json
RUN npm prune --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production MAPPINGS_DIR=/app/mappings DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY mappings ./mappings
RUN printf '#!/bin/sh\nexec node --max-semi-space-size=8 /app/dist/cli.js "$@"\n' > /usr/local/bin/tagbridge \
  && chmod 755 /usr/local/bin/tagbridge \
  && mkdir -p /data /app/mappings/stores && chown node:node /data
USER node
VOLUME ["/data", "/app/mappings/stores"]
EXPOSE 8080 8081
# The first start of a newer version may change large tables before it answers; once it does it is healthy at once.
# Podman keeps this check only where the image is built with --format docker.
HEALTHCHECK --interval=15s --timeout=3s --start-period=1h \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 8080}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tagbridge"]
CMD ["serve"]
