# Two images, `gateway` (the API and the reconciler) and `worker`. Node runs the TypeScript as it is: nothing is built.
FROM node:24-trixie-slim AS packages
WORKDIR /app
# Types and source maps of packages are half of their size, and nothing reads them.
ENV npm_config_cache=/cache \
    INSTALL="npm ci --omit=dev --ignore-scripts --no-audit --no-fund" \
    PRUNE="find node_modules -type f ( -name *.d.ts -o -name *.d.cts -o -name *.d.mts -o -name *.map ) -delete"
COPY package.json package-lock.json ./
COPY services/task/package.json services/task/
COPY services/runtime/package.json services/runtime/
COPY services/gateway/package.json services/gateway/
COPY services/worker/package.json services/worker/
COPY test/package.json test/
COPY test/front/package.json test/front/

FROM packages AS gateway-packages
RUN --mount=type=cache,target=/cache $INSTALL --workspace services/gateway && $PRUNE

FROM packages AS worker-packages
RUN --mount=type=cache,target=/cache $INSTALL --workspace services/worker && $PRUNE && rm -rf node_modules/ai/docs node_modules/ai/src

FROM node:24-trixie-slim AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.licenses=Apache-2.0 \
      org.opencontainers.image.vendor=Tickwork \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION
ENV NODE_ENV=production
WORKDIR /app
COPY package.json ./
COPY services/task services/task
COPY services/runtime services/runtime
USER 1000:1000
ENTRYPOINT ["node"]

FROM runtime AS gateway
LABEL org.opencontainers.image.title="Tickwork gateway" \
      org.opencontainers.image.description="The API and the reconciler: all that writes to Supabase"
COPY --from=gateway-packages /app/node_modules node_modules
# Thousands may watch at once. A small young generation and few arenas of malloc save 40 MB, for some percent of CPU; so does
# giving back at once what the 64 KB buffers took into which Node reads.
ENV NODE_OPTIONS=--max-semi-space-size=2 MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=32768 MALLOC_TRIM_THRESHOLD_=131072
COPY services/gateway services/gateway
EXPOSE 8080 9464
CMD ["services/gateway/src/api.ts"]

FROM runtime AS worker
LABEL org.opencontainers.image.title="Tickwork worker" \
      org.opencontainers.image.description="Claims tasks and runs their agents; holds no Supabase code"
COPY --from=worker-packages /app/node_modules node_modules
COPY services/worker services/worker
EXPOSE 9464
CMD ["services/worker/src/worker.ts"]

# For development clusters alone: stands in for Supabase's own servers, in front of PostgREST.
FROM packages AS supabase-front-packages
RUN --mount=type=cache,target=/cache $INSTALL --workspace test/front && $PRUNE

FROM node:24-trixie-slim AS supabase-front
WORKDIR /app
COPY package.json ./
COPY --from=supabase-front-packages /app/node_modules node_modules
COPY test/front test/front
USER 1000:1000
EXPOSE 8000
CMD ["node", "test/front/front.ts"]
