# The bot as an image: nothing in it but Python, the bot and what that needs. How to run it: docs/operating.md.
ARG PYTHON=3.13
FROM python:${PYTHON}-slim AS build
# With ffmpeg for clips that are too large for Discord (100 MB more): --build-arg EXTRAS=metrics,many,ffmpeg
ARG EXTRAS=metrics,many
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY sandbox sandbox
RUN python -m venv /app \
    && /app/bin/pip install --no-cache-dir --disable-pip-version-check ".[${EXTRAS}]" \
    && /app/bin/pip uninstall --yes pip \
    && /app/bin/python -m compileall -q /app

FROM python:${PYTHON}-slim
ENV PATH=/app/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DATA_DIR=/data HEALTH=127.0.0.1:9465
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin onekey \
    && install --directory --owner=onekey --group=onekey --mode=0700 /data
COPY --from=build /app /app
USER 10001:10001
WORKDIR /data
VOLUME /data
# In order within ten seconds.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s --retries=2 CMD ["onekey-bot", "health"]
ENTRYPOINT ["onekey-bot"]
CMD ["run"]
