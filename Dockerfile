# The image of gateway and worker: the hashed lock file, this checkout, nothing else.
#   docker build --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:… -t chatops .
# Whoever builds for production pins the base by digest; with it, requirements*.lock decide every byte that is installed.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
# Its own environment without pip: what is copied to the next stage holds no installer.
RUN python -m venv --without-pip /opt/chatops && python -m venv /opt/hatch
COPY requirements.lock requirements-build.lock ./
# Wheels only: nothing is compiled, so no compiler is needed, here or later.
RUN python -m pip --python /opt/chatops/bin/python install --only-binary :all: --require-hashes -r requirements.lock \
 && /opt/hatch/bin/python -m pip install --only-binary :all: --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY chatops chatops
COPY connectors connectors
COPY runbooks runbooks
ARG SOURCE_DATE_EPOCH=315532800
ENV SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}
RUN /opt/hatch/bin/python -m hatchling build -t wheel -d /dist \
 && python -m pip --python /opt/chatops/bin/python install --no-deps --no-index /dist/*.whl \
 # The root file system is read-only: bytecode is written now or never. By hash, so that it does not depend on times.
 && /opt/chatops/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/chatops/lib

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="chatops" \
      org.opencontainers.image.description="An incident debugging assistant that lives in Slack" \
      org.opencontainers.image.licenses="MIT"
RUN python -m pip uninstall --yes --quiet pip \
 && groupadd --gid 10001 chatops \
 && useradd --uid 10001 --gid chatops --home-dir /state --no-create-home --shell /usr/sbin/nologin chatops \
 && install -d -o chatops -g chatops -m 0700 /state
COPY --from=build /opt/chatops /opt/chatops
ENV PATH=/opt/chatops/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOME=/state CHATOPS_STATE_DIR=/state CHATOPS_HOST=0.0.0.0
USER 10001:10001
# All that is written: the embedded Valkey's file where no Redis is set, and clones of runbook repositories.
VOLUME /state
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["chatops"]
CMD ["serve"]
