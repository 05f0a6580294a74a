# siegewatch: one image for every role, with the model and the place index in it. `docker build -t siegewatch .`

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/siegewatch
ENV PATH=/opt/siegewatch/bin:$PATH
WORKDIR /build
# first what changes rarely, so that a rebuild after a change in the code takes seconds
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY service ./service
RUN pip install --no-deps --no-build-isolation . \
    && python -m siegewatch.detect.compile_places

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="siegewatch" \
      org.opencontainers.image.description="Watches news feeds for sieges and offensives, and tells Slack and webhooks what changed" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin siegewatch \
    && install --directory --owner=siegewatch --group=siegewatch --mode=0700 /data
COPY --from=build /opt/siegewatch /opt/siegewatch
WORKDIR /srv/siegewatch
COPY LICENSE NOTICE ./
COPY config ./config
# nothing but /data is written; mount a volume there to keep the embedded store, or set SIEGEWATCH_STORE__URL
ENV PATH=/opt/siegewatch/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SIEGEWATCH_DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 8350
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s --retries=3 CMD ["siegewatch", "health"]
ENTRYPOINT ["siegewatch"]
CMD ["run"]
