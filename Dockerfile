# Targets: core (converts .onnx sources), sklearn, pytorch, tensorflow, jax, mxnet, full. Every image can do everything:
# an environment it lacks is built on first use into `cache-dir`. The last target, full, is what `uses:` gets: PyTorch
# and scikit-learn. With all six it would be three times as large, for models that few repositories have side by side.
#
#   docker build --target pytorch -t onnx-convert-action:pytorch .
#   docker build --build-arg BASE=debian:bookworm-slim@sha256:... .        # the same image again another day

ARG BASE=debian:bookworm-slim

# --- Debian's Python and git ---------------------------------------------------------------------------------------
FROM ${BASE} AS base
# Versions are Debian stable's own, as of the base that BASE pins. What git brings for servers, for mail and in Perl
# (`add -p`) is never run here and 65 MB; perl-base, which Debian's packages need, stays.
# LightGBM needs libgomp1.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git libgomp1 python3 \
    && find /usr/lib/git-core -regextype egrep \
        -regex '.*/(scalar|git-(daemon|http-backend|http-push|imap-send|shell))' -delete \
    && rm -rf /usr/share/perl /usr/lib/x86_64-linux-gnu/perl /usr/lib/x86_64-linux-gnu/libperl.so.* \
        /usr/share/doc /usr/share/man /usr/share/locale /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*

# --- the product, in a virtual environment of its own --------------------------------------------------------------
FROM base AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv
WORKDIR /build
COPY requirements/core.lock requirements/build.lock requirements/
# Two environments, so that pip and the build tools stay here.
RUN python3 -m venv /bootstrap \
    && /bootstrap/bin/pip install --no-cache-dir --require-hashes --requirement requirements/build.lock \
    && python3 -m venv --without-pip /opt/onnx-convert/core \
    && /bootstrap/bin/pip --python /opt/onnx-convert/core/bin/python install \
        --no-cache-dir --no-compile --require-hashes --requirement requirements/core.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /bootstrap/bin/pip wheel --no-cache-dir --no-build-isolation --no-deps --wheel-dir /wheels . \
    && /bootstrap/bin/pip --python /opt/onnx-convert/core/bin/python install \
        --no-cache-dir --no-compile --no-index --no-deps /wheels/*.whl
COPY entrypoint /opt/onnx-convert/core/lib/python3.11/site-packages/entrypoint
# The bytecode of what a run imports, written by importing it: nobody else may write it later.
RUN /opt/onnx-convert/core/bin/onnx-convert --help > /dev/null \
    && /opt/onnx-convert/core/bin/python -m compileall -q /opt/onnx-convert/core/lib/python3.11/site-packages \
        -x '/(pygments|tree_sitter|uv)/'

# --- core: the ONNX environment ------------------------------------------------------------------------------------
FROM base AS core
LABEL org.opencontainers.image.title="onnx-convert-action" \
      org.opencontainers.image.description="Convert models to ONNX, prove parity and benchmark, in the pull request" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/onnx-convert/core /opt/onnx-convert/core
COPY docker/environment /usr/local/bin/environment
ENV PATH=/opt/onnx-convert/core/bin:$PATH
RUN environment onnx
# GitHub requires root here; model code never is: every job becomes a user of its own.
ENTRYPOINT ["/opt/onnx-convert/core/bin/python", "-I", "-m", "entrypoint.main"]

FROM core AS sklearn
RUN environment sklearn

FROM core AS pytorch
RUN environment pytorch

FROM core AS tensorflow
RUN environment tensorflow

FROM core AS jax
RUN environment jax

FROM core AS mxnet
# What libmxnet.so is linked with and its wheel does not bring.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 libquadmath0 \
    && rm -rf /var/lib/apt/lists/* \
    && environment mxnet

FROM pytorch AS full
RUN environment sklearn
