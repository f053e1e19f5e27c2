# Baton and the HAProxy that it drives, in one image.
# Build: docker build -t baton:0.1.0 .
# Run:   docker run --network host -e BATON_MARATHON=http://marathon.mesos:8080 -v baton:/var/lib/baton baton:0.1.0

FROM node:24-bookworm-slim AS build
WORKDIR /opt/baton
COPY package.json package-lock.json ./
# No scripts: the npm package `node` would download another Node than the image's own.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY src src
COPY deploy/bundle.ts deploy/
RUN node deploy/bundle.ts

FROM node:24-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends haproxy tini libcap2-bin \
  # Ports below 1024 without root. Node needs it as well: Baton tries a port itself before it gives it to HAProxy.
  && setcap cap_net_bind_service=+ep /usr/sbin/haproxy \
  && setcap cap_net_bind_service=+ep "$(readlink -f "$(command -v node)")" \
  && apt-get purge -y --auto-remove libcap2-bin \
  && rm -rf /var/lib/apt/lists/* \
  # The number is fixed, so that a directory of the host's can be given to it: chown 10001 DIR.
  && groupadd --system --gid 10001 baton \
  && useradd --system --uid 10001 --gid baton --home-dir /var/lib/baton --shell /usr/sbin/nologin baton \
  && install -d -o baton -g baton -m 0750 /var/lib/baton /var/cache/baton

WORKDIR /opt/baton
COPY --from=build /opt/baton/dist ./
COPY LICENSE ./

ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/var/cache/baton \
    MALLOC_ARENA_MAX=1 \
    MALLOC_MMAP_THRESHOLD_=131072 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    BATON_HAPROXY=bound \
    BATON_STATE_DIR=/var/lib/baton \
    BATON_LISTEN=0.0.0.0:8090

USER baton
# Fills the compile cache, and shows that everything that is needed is here. (The cache is kept per user.)
RUN node main.js run --help > /dev/null

VOLUME /var/lib/baton
# The services that declare port 80, and Baton's API with /healthz, /readyz and /metrics.
EXPOSE 80 8090
# No HEALTHCHECK: Marathon asks /healthz itself (deploy/marathon/baton.json).

# tini is process 1: it hands SIGTERM on, and reaps the HAProxy workers that outlive a reload.
ENTRYPOINT ["/usr/bin/tini", "--", "node", "--max-semi-space-size=4", "/opt/baton/main.js"]
CMD ["run"]
