# Afterglow's image. Build and run:
#
#   docker build -t afterglow .
#   docker run --init -p 8080:8080 -e AFTERGLOW_TOKEN=a-long-and-secret-text afterglow
#
# --init (or `init: true` in compose.yaml) puts a small init before it, which passes signals on and buries ended processes.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN node scripts/build.js && npm prune --omit=dev

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# What it needs to run, and no more: native libraries come with the npm packages, and need libc and libstdc++ alone.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/models models
COPY --from=build /app/pipelines pipelines
COPY --from=build /app/demo demo
COPY --from=build /app/deploy/healthcheck.js deploy/healthcheck.js
COPY --from=build /app/config/afterglow.yaml /etc/afterglow/afterglow.yaml
# A volume that is mounted here takes over this owner.
RUN mkdir recordings && chown node:node recordings
USER node
VOLUME /app/recordings
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "deploy/healthcheck.js"]
ENTRYPOINT ["node", "dist/src/cli/afterglow.js"]
CMD ["run", "--config", "/etc/afterglow/afterglow.yaml", "--host", "0.0.0.0"]
