# syntax=docker/dockerfile:1
FROM python:3.14-slim-trixie AS build
WORKDIR /app
RUN python -m venv /app/venv
COPY requirements.lock ./
RUN --mount=type=cache,target=/root/.cache/pip \
    /app/venv/bin/pip install --require-hashes --requirement requirements.lock

FROM python:3.14-slim-trixie
WORKDIR /app
ENV PATH="/app/venv/bin:$PATH" PYTHONUNBUFFERED=1
COPY --from=build /app/venv venv
COPY stock_api/ stock_api/
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["python", "-m", "uvicorn", "stock_api.main:app"]
CMD ["--host", "0.0.0.0", "--port", "8080"]
